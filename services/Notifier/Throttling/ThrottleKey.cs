using System.Globalization;

using MLEvents.State;

namespace MLEvents.Notifier.Throttling;

/// <summary>Identifies the throttle period of a rule and a key.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Key">The key. The messages of each key are counted separately.</param>
/// <param name="Period">The period.</param>
internal sealed record ThrottleKey(string Rule, string Key, ThrottlePeriod Period)
{
    private const int HashLength = 40;

    /// <summary>The name of the digest among the rule's follow-ups.</summary>
    public string Digest => $"digest\n{Text(Period)}\n{Key}";

    /// <summary>The key in the state store. It is a hash, because stores refuse some characters of keys.</summary>
    public string StoreKey => $"throttle-{StateKey.Hash($"{Rule}\n{Text(Period)}\n{Key}", HashLength)}";

    private static string Text(ThrottlePeriod period) => string.Create(CultureInfo.InvariantCulture, $"{period.Start.UtcTicks}\n{period.Length.Ticks}");
}
