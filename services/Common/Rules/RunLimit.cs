using MLEvents.Events.Limits;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules;

/// <summary>One limit of a rule that starts runs or roll-outs.</summary>
/// <param name="Kind">The kind of count.</param>
/// <param name="Key">The key of a count: actions for which this template renders to the same text are counted together; null counts the actions of the rule.</param>
/// <param name="Max">The largest number of actions, from 1.</param>
/// <param name="Period">The period in which starts are counted; null for <see cref="LimitKind.Concurrency"/>.</param>
/// <param name="WhenBusy">The handling of an action that the limit does not admit.</param>
public sealed record RunLimit(LimitKind Kind, Template? Key, int Max, TimeSpan? Period, WhenBusy WhenBusy);
