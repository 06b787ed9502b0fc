using MLEvents.Events;

namespace MLEvents.Local.Simulator.Configuration;

/// <summary>Durations of simulated work, each 0 to 1 h. With the defaults a job takes 3 s.</summary>
public sealed class ClockOptions
{
    private const string Minimum = "00:00:00";
    private const string Maximum = "01:00:00";

    /// <summary>Time that a job spends in NotStarted. Default 200 ms.</summary>
    [TimeRange(Minimum, Maximum)]
    public TimeSpan NotStarted { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Time that a job spends in Starting. Default 300 ms.</summary>
    [TimeRange(Minimum, Maximum)]
    public TimeSpan Starting { get; set; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Time that a job spends in Preparing. Default 500 ms.</summary>
    [TimeRange(Minimum, Maximum)]
    public TimeSpan Preparing { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Time that a job spends in Running. Default 1.5 s.</summary>
    [TimeRange(Minimum, Maximum)]
    public TimeSpan Running { get; set; } = TimeSpan.FromMilliseconds(1_500);

    /// <summary>Time that a job spends in Finalizing. Default 500 ms.</summary>
    [TimeRange(Minimum, Maximum)]
    public TimeSpan Finalizing { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Duration of creating, updating or deleting an online endpoint, and of cancelling a job. Default 1 s.</summary>
    [TimeRange(Minimum, Maximum)]
    public TimeSpan Endpoint { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Duration of creating, updating or deleting an online deployment. Default 2 s.</summary>
    [TimeRange(Minimum, Maximum)]
    public TimeSpan Deployment { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Duration of a Data Factory run, one sixth of it in Queued. Default 3 s.</summary>
    [TimeRange(Minimum, Maximum)]
    public TimeSpan FactoryRun { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Value of the <c>Retry-After</c> header of long-running operations, sent in whole seconds and rounded up. Default 1 s.</summary>
    [TimeRange(Minimum, Maximum)]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);
}
