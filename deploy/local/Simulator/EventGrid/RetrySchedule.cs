namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>
/// The retry schedule of "Azure Event Grid Delivery and Retry Explained"
/// (https://learn.microsoft.com/azure/event-grid/delivery-and-retry), without its jitter.
/// </summary>
internal static class RetrySchedule
{
    private static readonly TimeSpan[] Steps =
    [
        TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10),
        TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(3), TimeSpan.FromHours(6), TimeSpan.FromHours(12),
    ];

    private static readonly Dictionary<int, TimeSpan> MinDelays = new()
    {
        [StatusCodes.Status404NotFound] = TimeSpan.FromMinutes(5),
        [StatusCodes.Status408RequestTimeout] = TimeSpan.FromMinutes(2),
        [StatusCodes.Status503ServiceUnavailable] = TimeSpan.FromSeconds(30),
    };

    private static readonly Dictionary<int, string> Outcomes = new()
    {
        [StatusCodes.Status400BadRequest] = "BadRequest",
        [StatusCodes.Status401Unauthorized] = "Unauthorized",
        [StatusCodes.Status403Forbidden] = "Forbidden",
        [StatusCodes.Status404NotFound] = "NotFound",
        [StatusCodes.Status408RequestTimeout] = "TimedOut",
        [StatusCodes.Status413PayloadTooLarge] = "PayloadTooLarge",
    };

    /// <summary>Whether a status is a success: 200 to 204.</summary>
    public static bool IsSuccess(int status) => status is >= 200 and <= 204;

    /// <summary>Whether a failed delivery is retried. Deliveries with status 400, 401, 403 or 413 are not retried.</summary>
    public static bool IsRetried(int status) => status is not (400 or 401 or 403 or 413);

    /// <summary>The pause after the given number of failed attempts (1 or more).</summary>
    public static TimeSpan Pause(int attempts, int status)
    {
        var step = Steps[Math.Min(attempts, Steps.Length) - 1];
        var min = MinDelays.GetValueOrDefault(status, Steps[0]);
        return step > min ? step : min;
    }

    /// <summary>The name of an outcome in a dead-letter record.</summary>
    public static string Outcome(int status) => Outcomes.GetValueOrDefault(status, "Busy");
}
