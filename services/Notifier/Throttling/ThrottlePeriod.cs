using System.Globalization;

namespace MLEvents.Notifier.Throttling;

/// <summary>A period in which the messages of a rule and key are counted.</summary>
/// <param name="Start">When the period begins.</param>
/// <param name="Length">The length of the period.</param>
internal readonly record struct ThrottlePeriod(DateTimeOffset Start, TimeSpan Length)
{
    /// <summary>When the period ends.</summary>
    public DateTimeOffset End => Start + Length;

    /// <summary>The next period.</summary>
    public ThrottlePeriod Next => this with { Start = End };

    /// <summary>
    /// The period that contains an instant. All replicas calculate the same period, because all periods of the same length are counted from 0001-01-01 UTC, which is a Monday.
    /// </summary>
    public static ThrottlePeriod At(DateTimeOffset now, TimeSpan length) => new(new DateTimeOffset(now.UtcTicks - (now.UtcTicks % length.Ticks), TimeSpan.Zero), length);

    /// <summary>The period as text, to the minute.</summary>
    public override string ToString()
    {
        var end = End.Date == Start.Date ? "HH:mm" : "yyyy-MM-dd HH:mm";
        return string.Create(CultureInfo.InvariantCulture, $"{Start:yyyy-MM-dd HH:mm}–{End.ToString(end, CultureInfo.InvariantCulture)} UTC");
    }
}
