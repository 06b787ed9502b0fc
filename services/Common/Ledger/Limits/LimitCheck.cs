using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Events.Limits;
using MLEvents.Ledger.Planning;
using MLEvents.State;

namespace MLEvents.Ledger.Limits;

/// <summary>Asks the limits of a rule before the first step of each of its actions, and releases the places of an action when the action ends.</summary>
/// <remarks>A rule without limits causes no access to the store here.</remarks>
internal sealed partial class LimitCheck(IPlanning planning, LimitStore store, LimitClaims claims, IOptions<LedgerOptions> options, TimeProvider time, ILogger<LimitCheck> logger)
{
    /// <summary>Asks the limits of an action that has not started.</summary>
    /// <returns>
    /// The result that the ledger records instead of the first step: the action waits, is skipped, or may start. Null if the limits have admitted it, or the rule has none.
    /// </returns>
    /// <exception cref="Dapr.DaprException">The state store is unavailable: the action is not started.</exception>
    public async Task<StepResult?> HoldBackAsync(ActionRecord record, CancellationToken cancellationToken)
    {
        if (LimitProgress.IsAdmitted(record))
        {
            return null;
        }

        var (limits, earlier) = (planning.FindLimits(record), LimitProgress.DocumentsOf(record));
        if (limits.Count == 0 && earlier.Count == 0)
        {
            return null;
        }

        string[] documents = [.. earlier.Union(limits.Select(store.NameOf))];
        var (decision, by) = await claims.AskAsync(CreateRequest(record), limits, documents, cancellationToken);
        return ToResult(record, decision, by, documents);
    }

    /// <summary>Releases the places of an ended action, and wakes the next action that waits for them.</summary>
    /// <remarks>If the store is unavailable, the places stay. The next action that asks the limit finds that this action has ended.</remarks>
    public async Task ReleaseAsync(ActionRecord ended, CancellationToken cancellationToken)
    {
        foreach (var document in LimitProgress.DocumentsOf(ended))
        {
            try
            {
                await claims.ReleaseAsync(document, ended.RemoteId, LimitStore.IsHeldUntilEnd(document), cancellationToken);
            }
            catch (Exception exception) when (DaprFailures.IsTransient(exception))
            {
                LogNotReleased(ended.Id, exception.Message);
            }
        }
    }

    private static LimitRequest CreateRequest(ActionRecord record)
    {
        var workflowEvent = record.ReadEvent();
        return new(record.RemoteId, record.Rule, workflowEvent.Time ?? record.CreatedAt, LimitProgress.EventsOf(record));
    }

    private StepResult ToResult(ActionRecord record, LimitDecision decision, Limit? by, string[] documents)
    {
        var name = by is null ? "" : LimitTexts.NameOf(by);
        return decision switch
        {
            // The admission is recorded before the first step, so that a started action never asks again.
            LimitDecision.Admitted(var events) => new Continue("", TimeSpan.Zero) { Detail = DetailOf(events), State = LimitProgress.Admit(documents, events, time.GetUtcNow()) },
            LimitDecision.Wait(var reason, var until, var events) => new Continue(LedgerStages.WaitingForLimit, FindNextCheck(record, until))
            {
                Detail = events.Count > 1 ? $"waits for {reason}; it acts for {events.Count} events" : $"waits for {reason}",
                State = LimitProgress.HoldBack(name, documents, until, events),
            },
            LimitDecision.Skip(var reason, var until) => new Skipped { Detail = reason, State = LimitProgress.HoldBack(name, documents, until, []) },
            _ => throw new InvalidOperationException($"{decision.GetType().Name} is not a known decision."),
        };
    }

    private static string? DetailOf(IReadOnlyList<string> events) => events.Count > 1 ? $"admitted; it acts for {events.Count} events" : "admitted";

    // The first check is early, because a place can become free while the first wait is recorded. The process that frees the place can end before it wakes the action.
    private TimeSpan FindNextCheck(ActionRecord record, DateTimeOffset? until)
    {
        var (shortest, longest) = (options.Value.PollInterval, options.Value.LimitInterval);
        var wait = record.Stage != LedgerStages.WaitingForLimit ? shortest : longest;
        return until - time.GetUtcNow() is { } left && left < wait ? TimeSpan.FromTicks(Math.Max(left.Ticks, TimeSpan.TicksPerMillisecond * 10)) : wait;
    }

    [LoggerMessage(1, LogLevel.Warning, "Action {ActionId} ended, and its place could not be released: {Reason}. The next action that asks the limit releases the place")]
    private partial void LogNotReleased(string actionId, string reason);
}
