using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace MLEvents.Events;

/// <summary>Parses the times of events: exactly RFC 3339, including leap seconds.</summary>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc3339#section-5.6"/>
public static partial class Rfc3339
{
    private const int TickDigits = 7;
    private const int LengthWithoutFraction = 20;

    // Azure's format, with 0 to 7 digits after the second. It is parsed without the regular expression, because the expression would take most of the time in which an event is read.
    private static readonly string[] UtcFormats =
        [.. Enumerable.Range(0, TickDigits + 1).Select(digits => $"yyyy-MM-dd'T'HH:mm:ss{(digits == 0 ? "" : "." + new string('f', digits))}'Z'")];

    /// <summary>Reads a time, for instance <c>2026-03-04T05:06:07.25+02:00</c>.</summary>
    /// <param name="text">The text; null is not a time.</param>
    /// <param name="time">The time in UTC, in steps of 100 ns. A leap second becomes the last 100 ns of its minute, because .NET has no second 60.</param>
    /// <returns>
    /// False if the text is not an RFC 3339 time, names a day that does not exist or a second 60 that is not at 23:59 UTC, or lies outside the years 1 to 9999.
    /// </returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out DateTimeOffset time)
    {
        if (text is not null && TryParseUtc(text, out time))
        {
            return true;
        }

        time = default;
        if (text is null || Pattern.Match(text) is not { Success: true } match)
        {
            return false;
        }

        var second = Number(match, "second");
        var day = $"{match.Groups["day"].ValueSpan}T{match.Groups["minute"].ValueSpan}:{Math.Min(second, 59):00}";
        if (second > 60 || !DateTime.TryParseExact(day, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            return false;
        }

        var ticks = local.Ticks + (second == 60 ? TimeSpan.TicksPerSecond - 1 : Fraction(match)) - Offset(match).Ticks;
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        time = new DateTimeOffset(ticks, TimeSpan.Zero);
        return second < 60 || time is { Hour: 23, Minute: 59 };
    }

    private static bool TryParseUtc(string text, out DateTimeOffset time)
    {
        time = default;
        var digits = text.Length == LengthWithoutFraction ? 0 : text.Length - LengthWithoutFraction - 1;
        return digits >= 0 && digits < UtcFormats.Length
            && DateTimeOffset.TryParseExact(text, UtcFormats[digits], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }

    [GeneratedRegex("^(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt](?<minute>[0-9]{2}:[0-9]{2}):(?<second>[0-9]{2})(\\.(?<fraction>[0-9]+))?([Zz]|(?<sign>[+-])(?<hours>[01][0-9]|2[0-3]):(?<minutes>[0-5][0-9]))\\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern { get; }

    private static long Fraction(Match match) =>
        match.Groups["fraction"] is { Success: true, Value: var digits } ? long.Parse(digits.PadRight(TickDigits, '0')[..TickDigits], CultureInfo.InvariantCulture) : 0;

    private static TimeSpan Offset(Match match) => match.Groups["sign"].Success
        ? new TimeSpan(Number(match, "hours"), Number(match, "minutes"), 0) * (match.Groups["sign"].ValueSpan is "-" ? -1 : 1)
        : TimeSpan.Zero;

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
}
