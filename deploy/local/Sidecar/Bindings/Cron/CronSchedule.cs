using Cronos;
using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.Bindings.Cron;

/// <summary>When a cron binding fires: five fields, six fields with seconds first, a macro such as <c>@hourly</c>, or <c>@every 1h30m</c>.</summary>
internal sealed class CronSchedule
{
    private const string Every = "@every ";

    private readonly Func<DateTimeOffset, DateTimeOffset?> _next;

    private CronSchedule(Func<DateTimeOffset, DateTimeOffset?> next) => _next = next;

    /// <summary>Reads a schedule.</summary>
    /// <param name="text">The schedule.</param>
    /// <param name="zone">Whose wall clock the fields mean.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static CronSchedule Parse(string text, TimeZoneInfo zone)
    {
        var trimmed = text.Trim();
        if (trimmed.StartsWith(Every, StringComparison.Ordinal))
        {
            var interval = Interval(trimmed[Every.Length..]);
            return new(previous => previous + interval);
        }

        var hasSeconds = trimmed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == 6;
        var expression = CronExpression.Parse(trimmed, hasSeconds ? CronFormat.IncludeSeconds : CronFormat.Standard);
        return new(previous => expression.GetNextOccurrence(previous, zone));
    }

    /// <summary>The first time after <paramref name="previous"/>; null when there is none, as for a 30 February.</summary>
    public DateTimeOffset? Next(DateTimeOffset previous) => _next(previous);

    /// <summary>The last time up to <paramref name="now"/>, counted from <paramref name="previous"/>, which is one itself.</summary>
    public DateTimeOffset LastUntil(DateTimeOffset now, DateTimeOffset previous)
    {
        while (Next(previous) is { } next && next <= now)
        {
            previous = next;
        }

        return previous;
    }

    private static TimeSpan Interval(string text) =>
        GoDuration.TryParse(text, out var interval) && interval >= TimeSpan.FromSeconds(1)
            ? interval
            : throw new FormatException($"'{text}' is no duration of at least 1s");
}
