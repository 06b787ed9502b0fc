using System.Diagnostics;

using MLEvents.Events;

namespace MLEvents.ServiceDefaults;

/// <summary>The spans of delivered messages. Each span continues the trace of its event, because one bulk delivery contains messages of many traces.</summary>
internal static class DeliverySpans
{
    private static readonly ActivitySource Source = new("MLEvents.ServiceDefaults");

    /// <summary>Starts the span of a message, linked to the request that delivered it.</summary>
    /// <returns>The span; null if no listener records it.</returns>
    public static Activity? Start(string topic, WorkflowEvent message)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var links = Activity.Current is { } request ? new[] { new ActivityLink(request.Context) } : null;
        var span = Source.StartActivity($"process {topic}", ActivityKind.Consumer, EventTrace.ContextOf(message.Envelope), links: links);
        span?.SetTag("messaging.system", "dapr");
        span?.SetTag("messaging.operation.type", "process");
        span?.SetTag("messaging.destination.name", topic);
        span?.SetTag("messaging.message.id", message.Id);
        span?.SetTag("mlevents.event.type", message.Type);
        return span;
    }

    /// <summary>Adds the outcome.</summary>
    public static void Report(Activity? span, Outcome outcome)
    {
        span?.SetTag("mlevents.outcome", outcome.Status);
        span?.SetStatus(outcome.Reason is null ? ActivityStatusCode.Unset : ActivityStatusCode.Error);
    }
}
