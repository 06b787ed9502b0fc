using System.Globalization;

namespace MLEvents.Dashboard.Site;

/// <summary>Reads and writes times in addresses and forms. A time without an offset is UTC.</summary>
internal static class QueryTime
{
    /// <summary>Reads a time.</summary>
    /// <param name="text">The time, for instance <c>2026-11-01T12:00</c>; null or empty for none.</param>
    /// <param name="time">The time; null for none.</param>
    /// <returns>Whether the text is empty or a time.</returns>
    public static bool TryRead(string? text, out DateTimeOffset? time)
    {
        time = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        var isTime = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var read);
        time = isTime ? read : null;
        return isTime;
    }

    /// <summary>Writes a time as <see cref="TryRead"/> reads it, in UTC.</summary>
    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
}
