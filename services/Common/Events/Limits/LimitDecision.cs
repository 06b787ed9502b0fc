namespace MLEvents.Events.Limits;

/// <summary>What a limit decides about an action.</summary>
internal abstract record LimitDecision
{
    /// <summary>The action may start, and is counted.</summary>
    /// <param name="Events">The ids of the events that it acts for.</param>
    public sealed record Admitted(IReadOnlyList<string> Events) : LimitDecision;

    /// <summary>The action waits.</summary>
    /// <param name="Reason">What blocks it, for people.</param>
    /// <param name="Until">When it can start at the earliest; null if that is not known.</param>
    /// <param name="Events">The ids of the events that it stands for.</param>
    public sealed record Wait(string Reason, DateTimeOffset? Until, IReadOnlyList<string> Events) : LimitDecision;

    /// <summary>The action is not started.</summary>
    /// <param name="Reason">What blocked it, for people.</param>
    /// <param name="Until">When the limit admits the next action at the earliest; null if that is not known.</param>
    public sealed record Skip(string Reason, DateTimeOffset? Until) : LimitDecision
    {
        /// <summary>Whether another action acts for its event.</summary>
        public bool IsCoalesced { get; init; }

        /// <summary>The decision about an action that another one acts for.</summary>
        public static Skip Coalesced(string by) => new(LimitTexts.Coalesced(by), null) { IsCoalesced = true };
    }
}

/// <summary>An action that asks a limit.</summary>
/// <param name="Holder">The remote id of the action: its id, and its generation after a restart.</param>
/// <param name="Rule">The rule that requested it.</param>
/// <param name="EventTime">When its event happened.</param>
/// <param name="Events">The ids of the events that it acts for, its own included.</param>
internal sealed record Applicant(string Holder, string Rule, DateTimeOffset EventTime, IReadOnlyList<string> Events)
{
    /// <summary>The id of the action that a holder is a generation of.</summary>
    public static string ActionOf(string holder) => holder.Split('-')[0];
}
