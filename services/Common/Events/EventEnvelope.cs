using System.Text.Json;

namespace MLEvents.Events;

/// <summary>An accepted event, as the CloudEvents 1.0 envelope that is published.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Source">Where it happened.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Json">The envelope in UTF-8. It contains the publisher's <c>data</c> byte for byte.</param>
public sealed record EventEnvelope(string Id, string Source, string Type, ReadOnlyMemory<byte> Json)
{
    /// <summary>Reads the envelope as a subscriber does.</summary>
    public WorkflowEvent ToWorkflowEvent()
    {
        using var document = JsonDocument.Parse(Json, JsonLimits.Document);
        return WorkflowEvent.TryRead(document.RootElement, out var read, out var error) ? read : throw new InvalidOperationException(error);
    }
}
