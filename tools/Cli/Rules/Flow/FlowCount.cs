using MLEvents.Events.Limits;

namespace MLEvents.Cli.Rules.Flow;

/// <summary>What became of the actions of a rule.</summary>
internal sealed class FlowCount(string name)
{
    private readonly SortedDictionary<LimitKind, long> _skippedBy = [];

    /// <summary>The rule with its service.</summary>
    public string Name { get; } = name;

    /// <summary>Events of a deduplication key for which the rule had acted already.</summary>
    public long Repeats { get; set; }

    /// <summary>Runs that started, or messages of their own.</summary>
    public long Starts { get; set; }

    /// <summary>Of <see cref="Starts"/>, those that a limit held back first.</summary>
    public long Waited { get; set; }

    /// <summary>Actions whose event another action stands for.</summary>
    public long Coalesced { get; set; }

    /// <summary>Messages that a digest lists in place of a message of their own.</summary>
    public long Digested { get; set; }

    /// <summary>Actions whose limit has a key that cannot be rendered for the event.</summary>
    public long Faults { get; set; }

    /// <summary>The longest time that an action waited.</summary>
    public TimeSpan LongestWait { get; set; }

    /// <summary>Actions that a limit skipped, by its kind.</summary>
    public IReadOnlyDictionary<LimitKind, long> SkippedBy => _skippedBy;

    /// <summary>Actions that limits skipped.</summary>
    public long Skipped => _skippedBy.Values.Sum();

    /// <summary>Counts an action that a limit skipped.</summary>
    public void Skip(LimitKind kind) => _skippedBy[kind] = _skippedBy.GetValueOrDefault(kind) + 1;
}
