using System.ComponentModel.DataAnnotations;

namespace MLEvents.Local.Simulator;

/// <summary>How long simulated work takes, each 0 to 1 h. The defaults suit a demonstration: a job takes 3 s.</summary>
public sealed class ClockOptions
{
    private const string Least = "00:00:00";
    private const string Most = "01:00:00";

    /// <summary>A job's time in NotStarted. Default 200 ms.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan NotStarted { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A job's time in Starting. Default 300 ms.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan Starting { get; set; } = TimeSpan.FromMilliseconds(300);

    /// <summary>A job's time in Preparing. Default 500 ms.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan Preparing { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A job's time in Running. Default 1.5 s.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan Running { get; set; } = TimeSpan.FromMilliseconds(1_500);

    /// <summary>A job's time in Finalizing. Default 500 ms.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan Finalizing { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Creating, updating or deleting an online endpoint, and cancelling a job. Default 1 s.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan Endpoint { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Creating, updating or deleting an online deployment. Default 2 s.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan Deployment { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>A Data Factory run, a sixth of it queued. Default 3 s.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan FactoryRun { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Pause that <c>Retry-After</c> asks pollers for, sent in whole seconds rounded up. Default 1 s.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);
}
