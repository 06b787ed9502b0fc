using System.Globalization;
using System.Text.RegularExpressions;

namespace MLEvents.Rules.Reading;

/// <summary>Durations that can be short: a whole number and a unit, <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>.</summary>
internal static partial class ShortDuration
{
    /// <summary>The pattern in the JSON Schema.</summary>
    public const string Pattern = "^[0-9]{1,6}(ms|s|m|h|d)$";

    /// <summary>Reads the value of a key; null if it is absent or invalid. An invalid value is recorded as an error.</summary>
    public static TimeSpan? Read(MapReader keys, string key, TimeSpan min, TimeSpan max)
    {
        if (keys.Scalar(key, KeyShape.ShortDuration) is not { } text)
        {
            return null;
        }

        if (Parse(text.Value) is { } span && span >= min && span <= max)
        {
            return span;
        }

        keys.Reading.Add(
            text,
            $"'{key}' is '{text.Value}', but must be a duration from {Text(min)} to {Text(max)}: a whole number of milliseconds (ms), seconds (s), minutes (m), hours (h) or days (d), such as 90s");
        return null;
    }

    /// <summary>Reads a duration; null if the text is not valid.</summary>
    public static TimeSpan? Parse(string text)
    {
        var match = Written().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var number = int.Parse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch
        {
            "ms" => TimeSpan.FromMilliseconds(number),
            "s" => TimeSpan.FromSeconds(number),
            "m" => TimeSpan.FromMinutes(number),
            "h" => TimeSpan.FromHours(number),
            _ => TimeSpan.FromDays(number),
        };
    }

    // Writes the bounds of keys: 0s, 10ms, 7d.
    private static string Text(TimeSpan span) => span switch
    {
        { Ticks: 0 } => "0s",
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:F0}ms"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:F0}s"),
        _ => Duration.Text(span),
    };

    [GeneratedRegex(@"\A([0-9]{1,6})(ms|s|m|h|d)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Written();
}
