using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MLEvents.Notifier.Throttling;

/// <summary>Names a period of a rule and key.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Key">What is counted apart.</param>
/// <param name="Period">The period.</param>
internal sealed record ThrottleKey(string Rule, string Key, ThrottlePeriod Period)
{
    /// <summary>The name of the digest among the rule's follow-ups.</summary>
    public string Digest => $"digest\n{Text(Period)}\n{Key}";

    /// <summary>The key of the state store; keys of rules may hold what some stores take amiss.</summary>
    public string StoreKey => $"throttle-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Rule}\n{Text(Period)}\n{Key}")))[..40]}";

    private static string Text(ThrottlePeriod period) => string.Create(CultureInfo.InvariantCulture, $"{period.Start.UtcTicks}\n{period.Length.Ticks}");
}
