using MLEvents.Rules.Templates;

namespace MLEvents.Rules;

/// <summary>One limit of a rule that starts runs or roll-outs.</summary>
/// <param name="Kind">The kind of count.</param>
/// <param name="Key">The key of a count: actions for which this template renders to the same text are counted together; null counts the actions of the rule.</param>
/// <param name="Max">The largest number of actions, from 1.</param>
/// <param name="Period">The period in which starts are counted; null for <see cref="RunLimitKind.Concurrency"/>.</param>
/// <param name="WhenBusy">The handling of an action that the limit does not admit.</param>
public sealed record RunLimit(RunLimitKind Kind, Template? Key, int Max, TimeSpan? Period, RunLimitReached WhenBusy);

/// <summary>The kind of count of a limit.</summary>
public enum RunLimitKind
{
    /// <summary>The time since the last start (<c>cooldown</c>).</summary>
    Cooldown,

    /// <summary>Starts in a period (<c>budget</c>).</summary>
    Budget,

    /// <summary>Actions that run at the same time (<c>concurrency</c>).</summary>
    Concurrency,
}

/// <summary>The handling of an action that a limit does not admit (<c>whenBusy</c>).</summary>
public enum RunLimitReached
{
    /// <summary>The action is skipped.</summary>
    Skip,

    /// <summary>The action waits.</summary>
    Wait,

    /// <summary>The action waits, and acts for the events of the rule's other waiting actions.</summary>
    Coalesce,
}
