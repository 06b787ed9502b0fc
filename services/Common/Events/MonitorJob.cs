namespace MLEvents.Events;

/// <summary>What the jobs of a v2 model monitor say about a breach. The event carries the tags of the step that saw the breach; the inputs are those of the jobs above it.</summary>
public sealed record MonitorJob
{
    /// <summary>The monitor; null if no job names it.</summary>
    public string? Monitor { get; init; }

    /// <summary>The data that is compared with, as the job names it: an ARM id or a URI. Null if no job names it.</summary>
    public string? BaselineDataset { get; init; }

    /// <summary>The data that drifted, as the job names it: an ARM id or a URI. Null if no job names it.</summary>
    public string? TargetDataset { get; init; }
}
