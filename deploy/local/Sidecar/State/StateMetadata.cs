using System.Globalization;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Errors;

namespace MLEvents.Local.Sidecar.State;

/// <summary>The metadata and options of requests, and the metadata of answers.</summary>
internal static class StateMetadata
{
    /// <summary>Name of the metadata item in an answer that contains the time when the value expires.</summary>
    public const string ExpireTime = "ttlExpireTime";

    private const string TimeToLive = "ttlInSeconds";

    // 1,000 years. A longer time to live is shortened, because the time of expiry must be a valid date.
    private static readonly TimeSpan MaxTimeToLive = TimeSpan.FromDays(365_000);

    /// <summary>Reads the time to live from the metadata of a request; null if it is absent, 0 or negative.</summary>
    /// <exception cref="DaprException">The time to live is not a whole number.</exception>
    public static TimeSpan? ReadTimeToLive(string store, IReadOnlyDictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue(TimeToLive, out var text))
        {
            return null;
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
        {
            var cause = $"error parsing TTL: incorrect value for metadata '{TimeToLive}': '{text}' is not a whole number";
            throw (DaprErrors.StateSave(store, cause) with { IsPermanent = true }).AsException();
        }

        return seconds <= 0 ? null : TimeSpan.FromSeconds(Math.Min(seconds, (long)MaxTimeToLive.TotalSeconds));
    }

    /// <summary>Reads the option <c>concurrency</c> of a request.</summary>
    /// <exception cref="DaprException">The word is unknown.</exception>
    public static StateConcurrency ReadConcurrency(string store, string? word) => word switch
    {
        null or "" => StateConcurrency.Unspecified,
        "first-write" => StateConcurrency.FirstWrite,
        "last-write" => StateConcurrency.LastWrite,
        _ => throw Unrecognized(store, "concurrency", word),
    };

    /// <summary>Checks the option <c>consistency</c> of a request. It has no effect, because all stores are consistent.</summary>
    /// <exception cref="DaprException">The word is unknown.</exception>
    public static void CheckConsistency(string store, string? word)
    {
        if (word is not (null or "" or "strong" or "eventual"))
        {
            throw Unrecognized(store, "consistency", word);
        }
    }

    /// <summary>Returns the time when an item expires, in daprd's form; null for never.</summary>
    public static string? Expiry(StateItem item) => item.ExpiresAt?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static DaprException Unrecognized(string store, string option, string word) =>
        (DaprErrors.StateSave(store, $"unrecognized {option} model '{word}'") with { IsPermanent = true }).AsException();
}
