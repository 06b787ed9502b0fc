using System.Globalization;

namespace MLEvents.Ledger.Limits;

/// <summary>The values that an action's record holds about its limits, in its state.</summary>
internal static class LimitProgress
{
    private const string Admitted = "limit.admitted";
    private const string Documents = "limit.documents";
    private const string HeldBackBy = "heldBackBy";
    private const string HeldBackUntil = "heldBackUntil";
    private const string StandsFor = "standsFor";

    /// <summary>Whether the limits have admitted the action, or the action began before the rule had limits.</summary>
    public static bool IsAdmitted(ActionRecord record) => record.State.ContainsKey(Admitted) || record.Stage is not ("" or LedgerStages.WaitingForLimit);

    /// <summary>The documents of limits that can hold an entry of the action.</summary>
    public static IReadOnlyList<string> DocumentsOf(ActionRecord record) => Read(record, Documents);

    /// <summary>The ids of the events that the action acts for, as far as its record lists them.</summary>
    public static IReadOnlyList<string> EventsOf(ActionRecord record) => Read(record, StandsFor) is { Length: > 0 } known ? known : [record.ReadEventReference().Id];

    /// <summary>The state of an admitted action.</summary>
    public static Dictionary<string, string> Admit(IReadOnlyList<string> documents, IReadOnlyList<string> events, DateTimeOffset now)
    {
        var state = new Dictionary<string, string> { [Admitted] = Text(now), [Documents] = Join(documents), [HeldBackBy] = "", [HeldBackUntil] = "" };
        return WithEvents(state, events);
    }

    /// <summary>The state of an action that a limit holds back or skips.</summary>
    public static Dictionary<string, string> HoldBack(string limit, IReadOnlyList<string> documents, DateTimeOffset? until, IReadOnlyList<string> events)
    {
        var state = new Dictionary<string, string>
        {
            [Documents] = Join(documents),
            [HeldBackBy] = limit,
            [HeldBackUntil] = until is { } at ? Text(at) : "",
        };
        return WithEvents(state, events);
    }

    private static Dictionary<string, string> WithEvents(Dictionary<string, string> state, IReadOnlyList<string> events)
    {
        if (events.Count > 1)
        {
            state[StandsFor] = Join(events);
        }

        return state;
    }

    private static string[] Read(ActionRecord record, string name) => record.State.GetValueOrDefault(name)?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static string Join(IReadOnlyList<string> parts) => string.Join('\n', parts);

    private static string Text(DateTimeOffset moment) => moment.ToString("O", CultureInfo.InvariantCulture);
}
