namespace MLEvents.Deployer.Queueing;

/// <summary>The roll-outs of one endpoint, in the order in which they arrived. The first one works on the endpoint, the others wait.</summary>
/// <param name="Entries">The roll-outs.</param>
internal sealed record EndpointQueue(IReadOnlyList<QueuedRollout> Entries)
{
    /// <summary>A queue without roll-outs.</summary>
    public static EndpointQueue Empty { get; } = new([]);

    /// <summary>Adds a roll-out, or renews its entry.</summary>
    /// <param name="rollout">The roll-out, with the new end of its entry.</param>
    /// <param name="now">Entries that ended before are dropped: their roll-outs no longer renew them.</param>
    public EndpointQueue Enter(QueuedRollout rollout, DateTimeOffset now)
    {
        var entries = Entries.Where(entry => entry.Action == rollout.Action || entry.Until > now).ToList();
        var place = entries.FindIndex(entry => entry.Action == rollout.Action);
        if (place < 0)
        {
            entries.Add(rollout);
        }
        else
        {
            entries[place] = rollout with { Since = entries[place].Since };
        }

        return new(entries);
    }

    /// <summary>Removes a roll-out.</summary>
    public EndpointQueue Leave(string action) => new([.. Entries.Where(entry => entry.Action != action)]);

    /// <summary>Where a roll-out of the queue stands.</summary>
    /// <param name="action">The id of its action.</param>
    public Turn TurnOf(string action)
    {
        var own = Entries.First(entry => entry.Action == action);

        // The roll-out that works on the endpoint supersedes no other: it may fail, and then the next one is needed.
        var newest = Entries.Skip(1).Where(entry => entry.IsNewerThan(own)).Aggregate((QueuedRollout?)null, (best, entry) => best is null || entry.IsNewerThan(best) ? entry : best);
        return new(IsFirst: Entries[0].Action == action, First: Entries[0], Newer: newest);
    }
}

/// <summary>A roll-out in the queue of its endpoint.</summary>
/// <param name="Action">The id of the action.</param>
/// <param name="Model">The name of the model; empty for work that no model version supersedes.</param>
/// <param name="Version">The model's version.</param>
/// <param name="Since">When it entered the queue.</param>
/// <param name="Until">When its entry ends unless the roll-out renews it.</param>
internal sealed record QueuedRollout(string Action, string Model, string Version, DateTimeOffset Since, DateTimeOffset Until)
{
    /// <summary>Whether it is an operator's roll-back, which replaces every roll-out.</summary>
    public bool IsRollback { get; init; }

    /// <summary>Whether this roll-out replaces another one: a newer version of the same model, or a roll-back. Versions without an order count by arrival.</summary>
    public bool IsNewerThan(QueuedRollout other) => Action != other.Action && (IsRollback ? other is { IsRollback: false, Model.Length: > 0 } : IsNewerVersionThan(other));

    private bool IsNewerVersionThan(QueuedRollout other) =>
        Model.Length > 0 && Model == other.Model && (VersionOrder.Compare(Version, other.Version) is { } order ? order > 0 : Since > other.Since);
}

/// <summary>Where a roll-out stands in the queue of its endpoint.</summary>
/// <param name="IsFirst">Whether it may work on the endpoint.</param>
/// <param name="First">The roll-out that may.</param>
/// <param name="Newer">The newest waiting roll-out that supersedes this one; null if there is none.</param>
internal sealed record Turn(bool IsFirst, QueuedRollout First, QueuedRollout? Newer);
