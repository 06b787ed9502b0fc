using System.Text.Json;

namespace MLEvents.Events;

/// <summary>How a replayed event says that what was done for it is to be done again.</summary>
public static class ForcedReplay
{
    /// <summary>The CloudEvents extension attribute that carries the replay's token. The ingress sets it for an operator, and takes it from no sender.</summary>
    public const string Attribute = "mleventsforce";

    /// <summary>A token for one replay: by it the ledgers tell a replay from a redelivery of it.</summary>
    public static string NewToken() => Guid.NewGuid().ToString("N");

    /// <summary>The token of the forced replay that an event came by; null if it came otherwise.</summary>
    public static string? TokenOf(WorkflowEvent workflowEvent) =>
        workflowEvent.Envelope is { ValueKind: JsonValueKind.Object } envelope && envelope.TryGetProperty(Attribute, out var token) && token.ValueKind == JsonValueKind.String
            ? token.GetString()
            : null;
}
