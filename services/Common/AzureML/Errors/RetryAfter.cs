using System.Globalization;

using Azure;

namespace MLEvents.AzureML.Errors;

/// <summary>Reads the time that an answer asks to wait.</summary>
internal static class RetryAfter
{
    public static TimeSpan? Read(Response? response, TimeProvider time)
    {
        if (response is null)
        {
            return null;
        }

        return Milliseconds(response, "retry-after-ms") ?? Milliseconds(response, "x-ms-retry-after-ms") ?? Standard(response, time);
    }

    // RFC 9110, 10.2.3: Retry-After = HTTP-date / delay-seconds
    private static TimeSpan? Standard(Response response, TimeProvider time)
    {
        if (!response.Headers.TryGetValue("Retry-After", out var text))
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return TimeSpan.FromSeconds(seconds);
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? TimeSpan.FromTicks(Math.Max(0, (date - time.GetUtcNow()).Ticks))
            : null;
    }

    private static TimeSpan? Milliseconds(Response response, string header) =>
        response.Headers.TryGetValue(header, out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : null;
}
