using System.Globalization;
using System.Text.RegularExpressions;

namespace MLEvents.Rules.Reading;

/// <summary>Durations in rules: a whole number and a unit, <c>m</c>, <c>h</c> or <c>d</c>.</summary>
public static partial class Duration
{
    /// <summary>The pattern in the JSON Schema.</summary>
    public const string Pattern = "^[0-9]{1,6}[mhd]$";

    /// <summary>Reads a duration; null if the text is not valid.</summary>
    public static TimeSpan? Parse(string text)
    {
        if (!Written().IsMatch(text))
        {
            return null;
        }

        var number = int.Parse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture);
        return text[^1] switch { 'm' => TimeSpan.FromMinutes(number), 'h' => TimeSpan.FromHours(number), _ => TimeSpan.FromDays(number) };
    }

    /// <summary>A duration in the largest unit in which it is a whole number.</summary>
    public static string Text(TimeSpan span) =>
        span.Ticks % TimeSpan.TicksPerDay == 0 ? $"{span.Days}d"
        : span.Ticks % TimeSpan.TicksPerHour == 0 ? $"{(int)span.TotalHours}h"
        : $"{(int)span.TotalMinutes}m";

    [GeneratedRegex(@"\A[0-9]{1,6}[mhd]\z")]
    private static partial Regex Written();
}
