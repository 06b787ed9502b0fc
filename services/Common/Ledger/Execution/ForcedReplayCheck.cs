using System.Runtime.InteropServices;
using System.Text.Json;

using Microsoft.Extensions.Logging;

using MLEvents.Events;
using MLEvents.State;

namespace MLEvents.Ledger.Execution;

/// <summary>Removes the token of a forced replay from an event, unless the ingress issued the token for this event.</summary>
internal sealed partial class ForcedReplayCheck(ForcedReplays replays, ILogger<ForcedReplayCheck> logger)
{
    /// <summary>Checks the token of an event.</summary>
    /// <returns>The event unchanged if it carries no token or an issued one; otherwise the event without the token.</returns>
    /// <exception cref="Dapr.DaprException">The state store is unavailable; the message must be redelivered.</exception>
    public async Task<WorkflowEvent> CheckAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        if (ForcedReplay.TokenOf(workflowEvent) is not { } token || await replays.IsIssuedAsync(token, workflowEvent.Source, workflowEvent.Id, cancellationToken))
        {
            return workflowEvent;
        }

        LogForged(workflowEvent.Id, workflowEvent.Type);
        return WithoutToken(workflowEvent);
    }

    private static WorkflowEvent WithoutToken(WorkflowEvent workflowEvent)
    {
        var envelope = ForcedReplay.Mark(JsonMarshal.GetRawUtf8Value(workflowEvent.Envelope).ToArray(), null);
        using var document = JsonDocument.Parse(envelope, JsonLimits.Document);
        return WorkflowEvent.TryRead(document.RootElement, out var read, out var error) ? read : throw new JsonException(error);
    }

    [LoggerMessage(1, LogLevel.Warning, "Event {EventId} of type {EventType} carries the token of a forced replay that the ingress did not issue for it, or that has expired; the event is handled without the token")]
    private partial void LogForged(string eventId, string eventType);
}
