using System.Globalization;

namespace MLEvents.State;

/// <summary>How long a state store keeps a value after a write.</summary>
public readonly record struct TimeToLive
{
    private const string MetadataKey = "ttlInSeconds";
    private const string Never = "-1";

    private readonly string? _seconds;

    private TimeToLive(string seconds) => _seconds = seconds;

    /// <summary>Sets no expiry. A new value does not expire. Whether an existing value keeps its expiry depends on the store.</summary>
    public static TimeToLive Unset => default;

    /// <summary>Removes the expiry that an earlier write set.</summary>
    public static TimeToLive Forever => new(Never);

    /// <summary>Lets the value expire after a time. A time of less than one second counts as one second.</summary>
    public static TimeToLive After(TimeSpan duration) => new(Math.Max(1, duration.TotalSeconds).ToString("F0", CultureInfo.InvariantCulture));

    /// <summary>The metadata of the write.</summary>
    public IReadOnlyDictionary<string, string> ToMetadata() => _seconds is null ? new Dictionary<string, string>() : new Dictionary<string, string> { [MetadataKey] = _seconds };
}
