using System.Globalization;

using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;
using MLEvents.Rules.Plans;

namespace MLEvents.Retrainer.Runs;

/// <summary>Manages the consecutive runs of an action: decides whether and when the next run starts, checks the time limit of a run, and records the errors.</summary>
internal sealed class RunAttempts(IOptions<RetrainerOptions> options, TimeProvider time)
{
    /// <summary>The latest run failed, and the next run is not due yet.</summary>
    public const string Waiting = "waiting-to-retry";

    /// <summary>The run's cancellation was requested, and the run has not ended yet.</summary>
    public const string Cancelling = "cancelling";

    /// <summary>The end of a run that exceeded its time limit, as a value of <see cref="RetryPolicy.On"/>.</summary>
    public const string TimedOut = "TimedOut";

    private const string Run = "run";
    private const string StartedAt = "startedAt";
    private const string CancelledAt = "cancelledAt";
    private const string CancelledFor = "cancelledFor";
    private const string CancelledBecause = "cancelledBecause";

    /// <summary>The number of the action's current run in this generation, from 1.</summary>
    public static int NumberOf(ActionRecord record) => int.Parse(record.State.GetValueOrDefault(Run) ?? "1", CultureInfo.InvariantCulture);

    /// <summary>The id of the current run, from which its remote names are derived: the action's remote id, with the number of the run if it is not the first.</summary>
    public static string IdOf(ActionRecord record) => IdOf(record.RemoteId, NumberOf(record));

    /// <summary>The id of a run, from which its remote names are derived.</summary>
    public static string IdOf(string remoteId, int number) => number == 1 ? remoteId : string.Create(CultureInfo.InvariantCulture, $"{remoteId}-a{number}");

    /// <summary>The ids that the runs of earlier generations can have, the latest first.</summary>
    public static IEnumerable<string> EarlierIdsOf(ActionRecord record, RetrainingPlan plan) =>
        from remoteId in record.EarlierRemoteIds
        from number in Enumerable.Range(1, plan.Retry?.Attempts ?? 1).Reverse()
        select IdOf(remoteId, number);

    /// <summary>Whether an earlier step may have started the current run without recording the result.</summary>
    public static bool MayHaveStarted(ActionRecord record) => record.Interrupted || record.Failures > 0;

    /// <summary>The answer to an operator who cancels an action for which Azure lists no run. Azure lists a new run with a delay, so the answer may be that the operator has to wait.</summary>
    /// <param name="record">The action.</param>
    /// <param name="detail">The answer if no run can exist.</param>
    public CancelAnswer NotStarted(ActionRecord record, string detail)
    {
        // A step that lost its lease may have sent its request as late as the end of the lease.
        var latest = record.LeaseUntil > record.UpdatedAt ? record.LeaseUntil.Value : record.UpdatedAt;
        return MayHaveStarted(record) && time.GetUtcNow() - latest < options.Value.RunListingDelay
            ? new CancelAnswer(false, $"The run may have started a moment ago, and Azure lists a new run with a delay. Wait for {options.Value.RunListingDelay} (Retrainer:RunListingDelay).")
            : new CancelAnswer(true, detail);
    }

    /// <summary>The state of a run that has just started.</summary>
    public Dictionary<string, string> Started() => new() { [StartedAt] = Text(time.GetUtcNow()) };

    /// <summary>Whether the current run exceeds its time limit.</summary>
    public bool IsOverdue(ActionRecord record, RetrainingPlan plan, out TimeSpan limit)
    {
        limit = plan.Timeout ?? options.Value.LongestRun;
        return time.GetUtcNow() - (TimeOf(record, StartedAt) ?? record.BegunAt) >= limit;
    }

    /// <summary>The result of a step that requested a run's cancellation.</summary>
    public Continue Cancel(string end, string reason) => new(Cancelling, options.Value.PollInterval)
    {
        Detail = $"{reason}; its cancellation was requested",
        State = new Dictionary<string, string> { [CancelledAt] = Text(time.GetUtcNow()), [CancelledFor] = end, [CancelledBecause] = reason },
    };

    /// <summary>The result of a step that checked a run whose cancellation was requested.</summary>
    /// <param name="record">The action.</param>
    /// <param name="plan">The plan of the action.</param>
    /// <param name="status">The run's status in Azure.</param>
    /// <param name="hasEnded">Whether the run has ended.</param>
    public StepResult Cancelled(ActionRecord record, RetrainingPlan plan, string status, bool hasEnded)
    {
        var reason = record.State[CancelledBecause];
        return hasEnded ? End(record, plan, record.State[CancelledFor], $"{reason}; Azure reports {status}")
            : time.GetUtcNow() - TimeOf(record, CancelledAt) < options.Value.LongestCancellation ? new Continue(Cancelling, options.Value.PollInterval) { Detail = $"{reason}; Azure reports {status}" }
            : new Failed { Detail = $"{reason}; its cancellation was requested, and {options.Value.LongestCancellation} later Azure still reports {status}" };
    }

    /// <summary>The result of a run that ended without success: the next run, if the rule allows one, or the failure of the action.</summary>
    /// <param name="record">The action.</param>
    /// <param name="plan">The plan of the action.</param>
    /// <param name="end">The end of the run, as one of the values of <see cref="RetryPolicy.On"/>.</param>
    /// <param name="detail">The run and its error.</param>
    public static StepResult End(ActionRecord record, RetrainingPlan plan, string end, string detail)
    {
        var number = NumberOf(record);
        if (plan.Retry is not { } retry || number >= retry.Attempts || !retry.On.Contains(end, StringComparer.OrdinalIgnoreCase))
        {
            return new Failed { Detail = number == 1 ? detail : $"{detail} (run {number} of {plan.Retry?.Attempts ?? number})", State = ErrorOf(number, detail) };
        }

        return new Continue(Waiting, retry.Wait)
        {
            Detail = $"{detail}; run {number + 1} of {retry.Attempts} starts in {retry.Wait}",
            State = new Dictionary<string, string>(ErrorOf(number, detail)) { [Run] = (number + 1).ToString(CultureInfo.InvariantCulture) },
        };
    }

    // The error quotes Azure's text. Operators can read the state of an action, so secrets are removed.
    private static Dictionary<string, string> ErrorOf(int number, string detail) => new() { [string.Create(CultureInfo.InvariantCulture, $"error{number}")] = Redaction.Bound(detail) ?? "" };

    private static DateTimeOffset? TimeOf(ActionRecord record, string name) =>
        record.State.TryGetValue(name, out var text) ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : null;

    private static string Text(DateTimeOffset moment) => moment.ToString("O", CultureInfo.InvariantCulture);
}
