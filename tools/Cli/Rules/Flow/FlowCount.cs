using MLEvents.Events.Limits;

namespace MLEvents.Cli.Rules.Flow;

/// <summary>The simulated outcomes of the actions of a rule.</summary>
internal sealed class FlowCount(string name)
{
    private readonly SortedDictionary<LimitKind, long> _skippedBy = [];

    /// <summary>The rule with its service.</summary>
    public string Name { get; } = name;

    /// <summary>The number of events on which the rule did not act, because it had acted on an earlier event with the same deduplication key.</summary>
    public long Repeats { get; set; }

    /// <summary>The number of started runs, or of messages outside a digest.</summary>
    public long Starts { get; set; }

    /// <summary>The number of <see cref="Starts"/> that had to wait for a limit.</summary>
    public long Waited { get; set; }

    /// <summary>The number of actions that were coalesced into another action.</summary>
    public long Coalesced { get; set; }

    /// <summary>The number of events in digests.</summary>
    public long Digested { get; set; }

    /// <summary>The number of actions with a limit whose key cannot be rendered for the event.</summary>
    public long Faults { get; set; }

    /// <summary>The longest time that an action waited before it started.</summary>
    public TimeSpan LongestWait { get; set; }

    /// <summary>The number of skipped actions by the kind of the limit.</summary>
    public IReadOnlyDictionary<LimitKind, long> SkippedBy => _skippedBy;

    /// <summary>The number of actions that limits skipped.</summary>
    public long Skipped => _skippedBy.Values.Sum();

    /// <summary>Counts an action that a limit skipped.</summary>
    public void Skip(LimitKind kind) => _skippedBy[kind] = _skippedBy.GetValueOrDefault(kind) + 1;
}
