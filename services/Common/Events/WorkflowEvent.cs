using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace MLEvents.Events;

/// <summary>An event as the services exchange it: a CloudEvents 1.0 envelope with the publisher's data unchanged.</summary>
/// <remarks>
/// The identity of an event is <see cref="Source"/> + <see cref="Id"/>: Event Grid delivers at least once, so the same identity may be seen again.
/// The attributes are those of the CloudEvents 1.0 specification (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md).
/// </remarks>
public sealed record WorkflowEvent
{
    /// <summary>The publisher's id of the event; never empty.</summary>
    public required string Id { get; init; }

    /// <summary>The source of the event: a workspace's ARM id for Azure ML's events; never empty.</summary>
    public required string Source { get; init; }

    /// <summary>The event's type, for instance <see cref="EventTypes.RunCompleted"/>; never empty.</summary>
    public required string Type { get; init; }

    /// <summary>The object that the event is about, for instance <c>models/churn:3</c>; empty if the publisher gave none.</summary>
    public string Subject { get; init; } = "";

    /// <summary>When the event happened; null if the publisher gave no time, or a time that is not in the format of RFC 3339.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The publisher's payload, unchanged; <see cref="JsonValueKind.Undefined"/> if there is none.</summary>
    public JsonElement Data { get; init; }

    /// <summary>The whole envelope as it was received, extension attributes included.</summary>
    public JsonElement Envelope { get; init; }

    /// <summary>The chain that the event was joined to; null if its data names the chain, or if no chain was looked up or found in time.</summary>
    public JoinedChain? Joined { get; init; }

    /// <summary>Data from the jobs of the monitor about the drift in the event; null if the event reports no drift, or the jobs were not read.</summary>
    public MonitorJob? MonitorJob { get; init; }

    /// <summary>Reads a CloudEvents envelope in its JSON form.</summary>
    /// <param name="envelope">The envelope; cloned, so that its document may be disposed of.</param>
    /// <param name="result">The event, if it could be read.</param>
    /// <param name="error">The invalid attribute and the reason, if the event could not be read.</param>
    public static bool TryRead(JsonElement envelope, [NotNullWhen(true)] out WorkflowEvent? result, [NotNullWhen(false)] out string? error) =>
        TryRead(envelope, isOwned: false, out result, out error);

    /// <summary>Reads a CloudEvents envelope in its JSON form.</summary>
    /// <param name="envelope">The envelope.</param>
    /// <param name="isOwned">True if the envelope's document is never disposed of: the event then refers to the document, without a copy. False clones the envelope.</param>
    /// <param name="result">The event, if it could be read.</param>
    /// <param name="error">The invalid attribute and the reason, if the event could not be read.</param>
    public static bool TryRead(JsonElement envelope, bool isOwned, [NotNullWhen(true)] out WorkflowEvent? result, [NotNullWhen(false)] out string? error)
    {
        result = null;
        if (envelope.ValueKind != JsonValueKind.Object)
        {
            error = $"a CloudEvents envelope is a JSON object, not {envelope.ValueKind}";
            return false;
        }

        var (id, source, type) = (Text(envelope, "id"), Text(envelope, "source"), Text(envelope, "type"));
        error = Missing(id, "id") ?? Missing(source, "source") ?? Missing(type, "type");
        if (error is not null)
        {
            return false;
        }

        var own = isOwned ? envelope : envelope.Clone();
        result = new WorkflowEvent
        {
            Id = id,
            Source = source,
            Type = type,
            Subject = Text(own, "subject"),
            Time = Rfc3339.TryParse(Text(own, "time"), out var time) ? time : null,
            Data = own.TryGetProperty("data", out var data) ? data : default,
            Envelope = own,
        };
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Subject} ({Id})";

    private static string? Missing(string text, string name) => text.Length == 0 ? $"the attribute '{name}' is missing, empty or not a string" : null;

    private static string Text(JsonElement envelope, string name) =>
        envelope.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
}
