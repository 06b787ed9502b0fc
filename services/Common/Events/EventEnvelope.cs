using System.Text.Json;

namespace MLEvents.Events;

/// <summary>The CloudEvents 1.0 envelope in which the ingress publishes an accepted event or quarantined input.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Source">The CloudEvents source: what sent the event, such as the ARM id of a workspace.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Json">The envelope in UTF-8. For an accepted event, it contains the sender's <c>data</c> byte for byte.</param>
public sealed record EventEnvelope(string Id, string Source, string Type, ReadOnlyMemory<byte> Json)
{
    /// <summary>Reads the envelope as a subscriber does.</summary>
    /// <exception cref="InvalidOperationException">An attribute is missing or not valid.</exception>
    public WorkflowEvent ToWorkflowEvent()
    {
        using var document = JsonDocument.Parse(Json, JsonLimits.Document);
        return WorkflowEvent.TryRead(document.RootElement, out var read, out var error) ? read : throw new InvalidOperationException(error);
    }
}
