using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Events;
using MLEvents.Events.Reading;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>The data of a message on <see cref="Topics.Quarantine"/>: everything that is needed to inspect the input, and to read it again later.</summary>
/// <param name="Reason">The reason why the input could not be read.</param>
/// <param name="ContentType">The request's content type.</param>
/// <param name="Headers">The headers that show the origin of the input, and the attributes of an event in binary mode. No other header is stored, because it could carry a key or token.</param>
/// <param name="Raw">The bytes as received, in base64.</param>
internal sealed record Quarantined(string Reason, string? ContentType, IReadOnlyDictionary<string, string> Headers, byte[] Raw)
{
    /// <summary>The header under which the name of the sender is stored.</summary>
    public const string SenderHeader = "mlevents-sender";

    private const string Source = "/mlevents/ingress";

    // Event Grid's headers of a delivery. Other headers with the prefix aeg- (aeg-sas-key, aeg-sas-token) carry credentials.
    private static readonly HashSet<string> StoredHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "aeg-subscription-name", "aeg-delivery-count", "aeg-event-type", "aeg-metadata-version", "aeg-data-version", "aeg-output-event-id", "WebHook-Request-Origin",
    };

    /// <summary>Wraps an unreadable part. The id is a hash of the part, so that a repeated part becomes an event with the same id.</summary>
    /// <param name="part">The part.</param>
    /// <param name="headers">The headers of its request.</param>
    /// <param name="sender">The name of the sender; null if the request came from the sidecar.</param>
    public static EventEnvelope Wrap(UnreadableElement part, IHeaderDictionary headers, string? sender)
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(part.Raw.Span));
        var envelope = new QuarantinedEnvelope(
            "1.0", id, Source, EventTypes.Quarantined, "quarantine", "application/json", new Quarantined(part.Reason, headers.ContentType, SelectHeaders(headers, sender), part.Raw.ToArray()));
        return new EventEnvelope(id, Source, EventTypes.Quarantined, JsonSerializer.SerializeToUtf8Bytes(envelope, IngressJson.Default.QuarantinedEnvelope));
    }

    private static Dictionary<string, string> SelectHeaders(IHeaderDictionary headers, string? sender) => headers
        .Where(header => StoredHeaders.Contains(header.Key) || header.Key.StartsWith(BinaryModeReader.Prefix, StringComparison.OrdinalIgnoreCase))
        .Select(header => KeyValuePair.Create(header.Key, header.Value.ToString()))
        .Concat(sender is null ? [] : [KeyValuePair.Create(SenderHeader, sender)])
        .ToDictionary(StringComparer.OrdinalIgnoreCase);
}

/// <summary>The CloudEvents envelope of a message on <see cref="Topics.Quarantine"/>.</summary>
internal sealed record QuarantinedEnvelope(
    [property: JsonPropertyName("specversion")] string SpecVersion,
    string Id,
    string Source,
    string Type,
    string Subject,
    [property: JsonPropertyName("datacontenttype")] string DataContentType,
    Quarantined Data);
