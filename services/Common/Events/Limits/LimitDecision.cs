namespace MLEvents.Events.Limits;

/// <summary>The decision of a limit about an action.</summary>
internal abstract record LimitDecision
{
    /// <summary>The action may start, and is counted.</summary>
    /// <param name="Events">The ids of the events that the action acts for.</param>
    public sealed record Admitted(IReadOnlyList<string> Events) : LimitDecision;

    /// <summary>The action waits.</summary>
    /// <param name="Reason">The reason for the wait, for people.</param>
    /// <param name="Until">The earliest time when the action can start; null if unknown.</param>
    /// <param name="Events">The ids of the events that the action acts for.</param>
    public sealed record Wait(string Reason, DateTimeOffset? Until, IReadOnlyList<string> Events) : LimitDecision;

    /// <summary>The action is not started.</summary>
    /// <param name="Reason">The reason, for people.</param>
    /// <param name="Until">The earliest time when the limit admits the next action; null if unknown.</param>
    public sealed record Skip(string Reason, DateTimeOffset? Until) : LimitDecision
    {
        /// <summary>Whether another action acts for the event of the skipped action.</summary>
        public bool IsCoalesced { get; init; }

        /// <summary>The decision about an action whose event another action handles.</summary>
        public static Skip Coalesced(string by) => new(LimitTexts.Coalesced(by), null) { IsCoalesced = true };
    }
}

/// <summary>An action for which a limit decides.</summary>
/// <param name="Holder">The name under which the limit counts the action: the action's id and, after a restart, also its generation.</param>
/// <param name="Rule">The rule that requested the action.</param>
/// <param name="EventTime">When the action's event happened.</param>
/// <param name="Events">The ids of the events that the action acts for, including its own event.</param>
internal sealed record LimitRequest(string Holder, string Rule, DateTimeOffset EventTime, IReadOnlyList<string> Events)
{
    /// <summary>The id of the action to which a holder belongs.</summary>
    public static string ActionOf(string holder) => holder.Split('-')[0];
}
