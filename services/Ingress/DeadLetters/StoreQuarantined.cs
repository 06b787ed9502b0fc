using System.Text;
using System.Text.Json;

using MLEvents.Events;
using MLEvents.ServiceDefaults;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>Stores unreadable messages, so that operators can inspect them and a later version can read them.</summary>
internal sealed class StoreQuarantined([FromKeyedServices(Topics.Quarantine)] DeadLetterStore store, IngressTelemetry telemetry) : IRawTopicHandler
{
    public async Task StoreAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        var (record, raw) = Read(message);
        await store.StoreAsync(record, raw, cancellationToken);
        telemetry.Stored(Topics.Quarantine);
    }

    /// <summary>The message to store: the part that the ingress wrapped, or the whole message if it did not come from the ingress.</summary>
    public static (StoredMessage Record, ReadOnlyMemory<byte> Raw) Read(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var document = JsonDocument.Parse(message, JsonLimits.Document);
            return JsonText.TryMember(document.RootElement, "data", out var data) && data.Deserialize(IngressJson.Default.Quarantined) is { Raw: not null } part
                ? (RecordOf(part), part.Raw)
                : Foreign(message, "its data contains no quarantined bytes");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return Foreign(message, exception.Message);
        }
    }

    private static StoredMessage RecordOf(Quarantined part)
    {
        var headers = part.Headers ?? new Dictionary<string, string>();
        return new StoredMessage { Id = StoredMessage.IdOf(Identity(part, headers)), Reason = part.Reason ?? "", ContentType = part.ContentType, Headers = headers };
    }

    // In binary mode, the headers hold the attributes of the event. The same bytes with other attributes are therefore a different message.
    private static byte[] Identity(Quarantined part, IReadOnlyDictionary<string, string> headers)
    {
        var attributes = headers.Where(header => header.Key.StartsWith("ce-", StringComparison.OrdinalIgnoreCase)).OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase);
        return [.. Encoding.UTF8.GetBytes(string.Join('\n', [part.ContentType, .. attributes.Select(attribute => $"{attribute.Key}:{attribute.Value}"), ""])), .. part.Raw];
    }

    private static (StoredMessage Record, ReadOnlyMemory<byte> Raw) Foreign(ReadOnlyMemory<byte> message, string why) =>
        (new StoredMessage { Id = StoredMessage.IdOf(message.Span), Reason = $"the message on the topic '{Topics.Quarantine}' was not published by the ingress: {why}" }, message);
}
