using MLEvents.Ledger;

namespace MLEvents.Notifier;

/// <summary>Reports that an alert may arrive twice, if this is possible.</summary>
internal static class DuplicateNotice
{
    /// <summary>The detail of an alert that was sent, with the notice if it may arrive twice.</summary>
    /// <param name="summary">The result of sending.</param>
    /// <param name="record">The action.</param>
    /// <param name="unansweredKey">The key in the record's state that marks an earlier attempt without an answer.</param>
    /// <param name="reason">The reason to report for such an attempt.</param>
    public static string Append(string summary, ActionRecord record, string unansweredKey, string reason)
    {
        var cause = record.Interrupted ? "an earlier process may have sent it, and ended or lost its lease before it recorded the result"
            : record.State.ContainsKey(unansweredKey) ? reason
            : null;
        return cause is null ? summary : $"{summary}; it may arrive twice: {cause}";
    }

    /// <summary>Records in the action's state that an attempt was not answered.</summary>
    public static StepResult Record(Retry result, string unansweredKey) => result with { State = new Dictionary<string, string> { [unansweredKey] = "yes" } };
}
