using System.Globalization;
using System.Text.RegularExpressions;

namespace MLEvents.Local.Sidecar.Components;

/// <summary>Durations as Go and Dapr write them.</summary>
public static partial class GoDuration
{
    // Go stores a duration as a 64-bit number of nanoseconds, so the longest duration is about 292 years.
    private const long MaxTicks = long.MaxValue / TimeSpan.NanosecondsPerTick;

    /// <summary>Reads <c>1h2m3.5s</c>, <c>500ms</c>, or a plain number of milliseconds. A duration that Go cannot store is refused.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        duration = TimeSpan.Zero;
        if (long.TryParse(trimmed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
        {
            return TryCreate((double)milliseconds * TimeSpan.TicksPerMillisecond, out duration);
        }

        var match = Form().Match(trimmed);
        if (!match.Success)
        {
            return false;
        }

        var sum = match.Groups["part"].Captures.Zip(match.Groups["unit"].Captures, (part, unit) => Part(part.Value, unit.Value)).Sum();
        return TryCreate(match.Groups["sign"].Value == "-" ? -sum : sum, out duration);
    }

    private static bool TryCreate(double ticks, out TimeSpan duration)
    {
        var isInRange = Math.Abs(ticks) <= MaxTicks;
        duration = isInRange ? TimeSpan.FromTicks((long)ticks) : TimeSpan.Zero;
        return isInRange;
    }

    private static double Part(string number, string unit) => double.Parse(number, CultureInfo.InvariantCulture) * unit switch
    {
        "h" => TimeSpan.TicksPerHour,
        "m" => TimeSpan.TicksPerMinute,
        "s" => TimeSpan.TicksPerSecond,
        "ms" => TimeSpan.TicksPerMillisecond,
        "ns" => 1.0 / TimeSpan.NanosecondsPerTick,
        _ => TimeSpan.TicksPerMicrosecond,
    };

    [GeneratedRegex(@"^(?<sign>[+-]?)(?:(?<part>\d+(?:\.\d*)?|\.\d+)(?<unit>h|ms|m|s|us|µs|ns))+$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
