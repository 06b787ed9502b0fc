using System.Text.Json.Nodes;

namespace MLEvents.AzureML.Endpoints;

/// <summary>Writes percentages of traffic in the form of Azure ML, and refuses percentages that Azure ML would refuse.</summary>
internal static class TrafficShares
{
    private const int MaxMirror = 50;

    /// <summary>Creates the member <c>traffic</c>.</summary>
    /// <exception cref="ArgumentException">A percentage is not 0-100, or the sum is neither 0 nor 100.</exception>
    public static JsonObject Live(IReadOnlyDictionary<string, int> traffic) =>
        traffic.Values.All(share => share is >= 0 and <= 100) && traffic.Values.Sum() is 0 or 100
            ? ToJson(traffic)
            : throw new ArgumentException($"Percentages must be 0-100 and add up to 100 or 0; they are {string.Join(", ", traffic)}.", nameof(traffic));

    /// <summary>Creates the member <c>mirrorTraffic</c>.</summary>
    /// <exception cref="ArgumentException"><paramref name="mirror"/> names more than one deployment or a deployment that has traffic, or its percentage is not 0-50.</exception>
    public static JsonObject Mirrored(IReadOnlyDictionary<string, int> mirror, IReadOnlyDictionary<string, int> traffic)
    {
        if (mirror.Count > 1 || mirror.Values.Any(share => share is < 0 or > MaxMirror))
        {
            throw new ArgumentException($"Traffic can be mirrored to one deployment, with 0-{MaxMirror} percent; the requested mirrored traffic is {string.Join(", ", mirror)}.", nameof(mirror));
        }

        return mirror.FirstOrDefault(share => share.Value > 0 && traffic.GetValueOrDefault(share.Key) > 0) is { Key: { } name }
            ? throw new ArgumentException($"Deployment '{name}' cannot have traffic and mirrored traffic at once.", nameof(mirror))
            : ToJson(mirror);
    }

    private static JsonObject ToJson(IReadOnlyDictionary<string, int> shares) =>
        new(shares.Select(share => KeyValuePair.Create(share.Key, (JsonNode?)share.Value)));
}
