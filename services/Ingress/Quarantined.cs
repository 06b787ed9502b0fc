using System.Security.Cryptography;
using System.Text.Json;

using MLEvents.Events;
using MLEvents.Ingress.Reading;

namespace MLEvents.Ingress;

/// <summary>What the topic <see cref="Topics.Quarantine"/> carries: everything needed to see what came, and to send it again once it can be read.</summary>
/// <param name="Reason">Why it could not be read.</param>
/// <param name="ContentType">The request's content type.</param>
/// <param name="Headers">Headers that say where it came from; never a key or token.</param>
/// <param name="Raw">The bytes as they came, in base64.</param>
internal sealed record Quarantined(string Reason, string? ContentType, IReadOnlyDictionary<string, string> Headers, byte[] Raw)
{
    private const string Source = "/mlevents/ingress";
    private static readonly string[] TellingPrefixes = ["aeg-", "ce-", "webhook-request-"];

    /// <summary>Wraps an unreadable part. The id is its hash, so that the same part sent again is the same event.</summary>
    public static PublishedEvent Wrap(UnreadablePart part, IHeaderDictionary headers)
    {
        var data = new Quarantined(part.Reason, headers.ContentType, Telling(headers), part.Raw.ToArray());
        return new PublishedEvent
        {
            Id = Convert.ToHexStringLower(SHA256.HashData(part.Raw.Span)),
            SpecVersion = "1.0",
            Source = new Uri(Source, UriKind.RelativeOrAbsolute),
            Type = EventTypes.Quarantined,
            Subject = "quarantine",
            Data = JsonSerializer.SerializeToElement(data, JsonSerializerOptions.Web),
        };
    }

    private static Dictionary<string, string> Telling(IHeaderDictionary headers) => headers
        .Where(header => TellingPrefixes.Any(prefix => header.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
        .ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
}
