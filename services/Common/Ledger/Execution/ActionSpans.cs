using System.Diagnostics;

using MLEvents.Events;

// The namespace MLEvents.Ledger.Activity hides the type System.Diagnostics.Activity.
using Span = System.Diagnostics.Activity;

namespace MLEvents.Ledger.Execution;

/// <summary>
/// The spans of actions. They belong to the trace of the event that caused the action; the record of the action contains the event. This includes the spans of steps that a reconciler takes hours
/// later, on another replica or after a restart.
/// </summary>
internal static class ActionSpans
{
    private static readonly ActivitySource Source = new("MLEvents.Ledger");

    /// <summary>Starts the span of the steps that one claim takes. Null without a listener.</summary>
    public static Span? StartRun(ActionRecord record) => Source.HasListeners() ? Start("action", record) : null;

    /// <summary>Starts the span of one step. Null without a listener.</summary>
    public static Span? StartStep(ActionRecord record) => Source.HasListeners() ? Start(record.Stage.Length == 0 ? "step" : $"step {record.Stage}", record) : null;

    /// <summary>Adds the result of a step. The span does not contain the text of the result, which can quote the answer of another system.</summary>
    public static void Report(Span? span, StepResult? result)
    {
        span?.SetTag("mlevents.outcome", result?.GetType().Name.ToLowerInvariant() ?? "lease lost");
        span?.SetStatus(result is Failed or Retry ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
    }

    private static Span? Start(string name, ActionRecord record)
    {
        var recorded = EventTrace.ContextOf(record.Event);
        var isContinued = Span.Current is { } current && (current.TraceId == recorded.TraceId || recorded == default);
        var links = Span.Current is { } other && !isContinued ? new[] { new ActivityLink(other.Context) } : null;
        var span = Source.StartActivity(name, ActivityKind.Internal, isContinued ? default : recorded, links: links);
        span?.SetTag("mlevents.service", record.Service);
        span?.SetTag("mlevents.rule", record.Rule);
        span?.SetTag("mlevents.action.id", record.Id);
        span?.SetTag("mlevents.correlation.id", record.CorrelationId);
        span?.SetTag("mlevents.action.attempt", record.Attempt);
        return span;
    }
}
