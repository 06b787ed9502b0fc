using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;

namespace MLEvents.Local.Sidecar.Resiliency;

/// <summary>When a closed circuit breaker opens: one counter compared with a whole number, such as <c>consecutiveFailures &gt; 5</c>.</summary>
/// <param name="Counter">The counter that is compared.</param>
/// <param name="Threshold">The breaker opens at this value of the counter, 0 or more.</param>
internal sealed partial record TripCondition(BreakerCounter Counter, long Threshold)
{
    /// <summary>The supported forms, for error messages.</summary>
    public const string Forms = "'<counter> > N' or '<counter> >= N'";

    private static readonly FrozenDictionary<string, BreakerCounter> Counters =
        Enum.GetValues<BreakerCounter>().ToFrozenDictionary(counter => char.ToLowerInvariant(counter.ToString()[0]) + counter.ToString()[1..], StringComparer.Ordinal);

    /// <summary>daprd's default: more than five failures in a row.</summary>
    public static TripCondition Default { get; } = new(BreakerCounter.ConsecutiveFailures, 6);

    /// <summary>The names of the counters.</summary>
    public static IReadOnlyList<string> CounterNames { get; } = [.. Enum.GetValues<BreakerCounter>().Select(counter => Counters.First(pair => pair.Value == counter).Key)];

    /// <summary>Reads a condition. daprd supports all CEL expressions; the embedded sidecar supports only the forms in <see cref="Forms"/>.</summary>
    /// <returns>Null when the text has another form or names an unknown counter.</returns>
    public static TripCondition? TryParse(string text)
    {
        var match = Form().Match(text);
        return match.Success
            && Counters.TryGetValue(match.Groups["counter"].Value, out var counter)
            && int.TryParse(match.Groups["limit"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
                ? new TripCondition(counter, match.Groups["operator"].Value == ">" ? limit + 1L : limit)
                : null;
    }

    [GeneratedRegex(@"^\s*(?<counter>[A-Za-z]+)\s*(?<operator>>=?)\s*(?<limit>\d+)\s*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
