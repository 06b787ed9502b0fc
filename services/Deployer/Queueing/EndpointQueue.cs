namespace MLEvents.Deployer.Queueing;

/// <summary>The roll-outs of one endpoint, in order of arrival. The first roll-out works on the endpoint. The other roll-outs wait.</summary>
/// <param name="Entries">The roll-outs.</param>
internal sealed record EndpointQueue(IReadOnlyList<QueuedRollout> Entries)
{
    /// <summary>A queue without roll-outs.</summary>
    public static EndpointQueue Empty { get; } = new([]);

    /// <summary>Adds a roll-out, or renews its entry.</summary>
    /// <param name="rollout">The roll-out, with the new end of its entry.</param>
    /// <param name="now">The time. Expired entries of other roll-outs are removed, because these roll-outs no longer renew them.</param>
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

    /// <summary>The position of a roll-out in the queue.</summary>
    /// <param name="action">The id of its action.</param>
    public QueuePosition PositionOf(string action)
    {
        var own = Entries.First(entry => entry.Action == action);

        // The first roll-out does not supersede waiting roll-outs, because the next roll-out must still run if the first one fails.
        var newest = Entries.Skip(1).Where(entry => entry.IsNewerThan(own)).Aggregate((QueuedRollout?)null, (best, entry) => best is null || entry.IsNewerThan(best) ? entry : best);
        return new(IsFirst: Entries[0].Action == action, First: Entries[0], Newer: newest);
    }
}

/// <summary>A roll-out in the queue of its endpoint.</summary>
/// <param name="Action">The id of the action.</param>
/// <param name="Model">The name of the model; empty for a roll-back or a retirement, which no model version can supersede.</param>
/// <param name="Version">The model's version.</param>
/// <param name="Since">When the roll-out entered the queue.</param>
/// <param name="Until">When the entry expires if the roll-out does not renew it.</param>
internal sealed record QueuedRollout(string Action, string Model, string Version, DateTimeOffset Since, DateTimeOffset Until)
{
    /// <summary>Whether the entry is an operator's roll-back. A roll-back supersedes the roll-outs of model versions, but no other roll-back and no retirement.</summary>
    public bool IsRollback { get; init; }

    /// <summary>
    /// Whether this roll-out supersedes another one: it has a newer version of the same model, or it is a roll-back and the other one rolls out a model version.
    /// If the order of the two versions is unknown, the roll-out that entered the queue later supersedes the other one.
    /// </summary>
    public bool IsNewerThan(QueuedRollout other) => Action != other.Action && (IsRollback ? other is { IsRollback: false, Model.Length: > 0 } : IsNewerVersionThan(other));

    private bool IsNewerVersionThan(QueuedRollout other) =>
        Model.Length > 0 && Model == other.Model && (VersionOrder.Compare(Version, other.Version) is { } order ? order > 0 : Since > other.Since);
}

/// <summary>The position of a roll-out in the queue of its endpoint.</summary>
/// <param name="IsFirst">Whether the roll-out may work on the endpoint.</param>
/// <param name="First">The roll-out that may work on the endpoint.</param>
/// <param name="Newer">The newest waiting roll-out that supersedes this one; null if there is none.</param>
internal sealed record QueuePosition(bool IsFirst, QueuedRollout First, QueuedRollout? Newer);
