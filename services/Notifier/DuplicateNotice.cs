using MLEvents.Ledger;

namespace MLEvents.Notifier;

/// <summary>Says of an alert that was sent that it may arrive twice, when that can't be ruled out.</summary>
internal static class DuplicateNotice
{
    /// <summary>The detail of an alert that was sent.</summary>
    /// <param name="summary">What became of it.</param>
    /// <param name="record">Its action.</param>
    /// <param name="unsure">The fact by which an earlier attempt says that it does not know its outcome.</param>
    /// <param name="unanswered">What it is then said.</param>
    public static string Told(string summary, ActionRecord record, string unsure, string unanswered)
    {
        var reason = record.Interrupted ? "the process that sent it before ended, or lost its lease, without a record of the outcome"
            : record.State.ContainsKey(unsure) ? unanswered
            : null;
        return reason is null ? summary : $"{summary}; it may arrive twice: {reason}";
    }

    /// <summary>A failure whose outcome is not known, noted for the attempts to come.</summary>
    public static StepResult Unsure(Retry result, string unsure) => result with { State = new Dictionary<string, string> { [unsure] = "yes" } };
}
