using System.Globalization;
using System.Text.RegularExpressions;

namespace MLEvents.Local.Simulator.Primitives;

/// <summary>Parses durations such as <c>10s</c>, <c>500ms</c>, <c>2m</c>, <c>1h</c> or <c>00:00:10</c>.</summary>
internal static partial class Durations
{
    /// <summary>Parses a duration. Returns false if the text is not a duration, if it is negative, or if the number before a unit such as <c>s</c> is greater than 1,000,000.</summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        if (text is null)
        {
            return false;
        }

        return Short().Match(text) is { Success: true } match
            ? TryScale(match.Groups[1].Value, match.Groups[2].Value, out duration)
            : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration) && duration >= TimeSpan.Zero;
    }

    private static bool TryScale(string amount, string unit, out TimeSpan duration)
    {
        var read = double.TryParse(amount, CultureInfo.InvariantCulture, out var number) && number <= 1_000_000;
        duration = !read ? default : unit switch
        {
            "ms" => TimeSpan.FromMilliseconds(number),
            "m" => TimeSpan.FromMinutes(number),
            "h" => TimeSpan.FromHours(number),
            _ => TimeSpan.FromSeconds(number),
        };
        return read;
    }

    [GeneratedRegex(@"^(\d{1,7}(?:\.\d{1,6})?)(ms|s|m|h)$", RegexOptions.CultureInvariant)]
    private static partial Regex Short();
}
