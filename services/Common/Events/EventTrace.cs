using System.Diagnostics;
using System.Text.Json;

namespace MLEvents.Events;

/// <summary>The trace that an event belongs to: W3C Trace Context in the envelope's attributes <c>traceparent</c> and <c>tracestate</c>.</summary>
public static class EventTrace
{
    /// <summary>The context of an envelope; <see langword="default"/> if it is missing or not valid.</summary>
    public static ActivityContext ContextOf(JsonElement envelope) =>
        JsonText.Text(envelope, "traceparent") is { Length: > 0 } parent
        && ActivityContext.TryParse(parent, JsonText.Text(envelope, "tracestate"), isRemote: true, out var context) && context.TraceId != default && context.SpanId != default
            ? context
            : default;

    /// <summary>The attribute <c>traceparent</c> of an envelope; null if it is missing or not valid.</summary>
    public static string? ParentOf(JsonElement envelope) => ContextOf(envelope) == default ? null : JsonText.Text(envelope, "traceparent");

    /// <summary>The id of the trace, 32 characters of 0-9 and a-f; null if the envelope names none.</summary>
    public static string? IdOf(JsonElement envelope) => ContextOf(envelope) is var context && context.TraceId != default ? context.TraceId.ToHexString() : null;
}
