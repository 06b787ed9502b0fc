namespace MLEvents.Notifier.States;

/// <summary>The state of an alert, and the actions that send messages about it. This class makes all decisions. It does not access the state store.</summary>
/// <remarks>The generated JSON code sets a member to null if the stored JSON does not contain it. A member whose default is not null therefore replaces null by this default.</remarks>
internal sealed record AlertStateDocument
{
    // Far more than the number of actions whose steps can be repeated at the same time.
    private const int MaxRemembered = 200;

    /// <summary>Whether the alert is open.</summary>
    public bool IsOpen { get; init; }

    /// <summary>The time of the event that opened the alert or, if the alert is not open, of the last resolving event; null if there was neither.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The time of the last decision to send a message about the open alert.</summary>
    public DateTimeOffset NoticedAt { get; init; }

    /// <summary>How many opening events came after the first one.</summary>
    public int Repeats { get; init; }

    /// <summary>The decisions about the last actions, so that a repeated step gets the same decision.</summary>
    public IReadOnlyList<AlertDecision> Decisions { get; init => field = value ?? []; } = [];

    /// <summary>Decides about an action.</summary>
    /// <param name="action">The id of the action and its generation.</param>
    /// <param name="isOpening">True if the action's event opens the alert, false if the event resolves the alert.</param>
    /// <param name="happened">When the event happened. Events can arrive in another order.</param>
    /// <param name="remind">A repetition sends a reminder if the last message is at least this old; null for never.</param>
    /// <param name="now">The time.</param>
    /// <returns>The state afterwards and the decision. The state is the same object if the action already has a decision.</returns>
    public (AlertStateDocument Next, AlertDecision Decision) Decide(string action, bool isOpening, DateTimeOffset happened, TimeSpan? remind, DateTimeOffset now)
    {
        if (Decisions.FirstOrDefault(made => made.Action == action) is { } before)
        {
            return (this, before);
        }

        var (next, notice, reason) = happened < Since ? (this, AlertNotice.None, $"its event is older than {(IsOpen ? "the opening" : "the recovery")} of the alert at {Since:u}")
            : isOpening ? Open(happened, remind, now)
            : Resolve(happened);
        var decision = new AlertDecision(action, notice, next.Repeats, reason);
        return (next with { Decisions = [.. next.Decisions.Append(decision).TakeLast(MaxRemembered)] }, decision);
    }

    private (AlertStateDocument Next, AlertNotice Notice, string Reason) Open(DateTimeOffset happened, TimeSpan? remind, DateTimeOffset now)
    {
        if (!IsOpen)
        {
            return (this with { IsOpen = true, Since = happened, NoticedAt = now, Repeats = 0 }, AlertNotice.Opened, "");
        }

        var repeated = this with { Repeats = Repeats + 1 };
        return now - NoticedAt >= remind
            ? (repeated with { NoticedAt = now }, AlertNotice.Reminder, "")
            : (repeated, AlertNotice.None, $"the alert has been open since {Since:u}; this is repetition {repeated.Repeats}");
    }

    // The time of a resolving event is stored even if the alert is closed, because an earlier opening event may arrive later.
    private (AlertStateDocument Next, AlertNotice Notice, string Reason) Resolve(DateTimeOffset happened) => IsOpen
        ? (this with { IsOpen = false, Since = happened }, AlertNotice.Resolved, "")
        : (this with { Since = happened }, AlertNotice.None, "the alert is not open");
}

/// <summary>The decision about an action.</summary>
/// <param name="Action">The id of the action and its generation.</param>
/// <param name="Notice">The message.</param>
/// <param name="Repeats">How many opening events had come after the first one.</param>
/// <param name="Reason">The reason why nothing is sent; empty if a message is sent.</param>
internal sealed record AlertDecision(string Action, AlertNotice Notice, int Repeats, string Reason);

/// <summary>A message about an alert with a state.</summary>
internal enum AlertNotice
{
    /// <summary>Nothing is sent.</summary>
    None,

    /// <summary>The alert opened.</summary>
    Opened,

    /// <summary>The alert is still open.</summary>
    Reminder,

    /// <summary>The alert is resolved.</summary>
    Resolved,
}
