namespace MLEvents.Events;

/// <summary>Data about a breach from the jobs of a v2 model monitor. The event has the tags of the step that found the breach. The monitor and its data are inputs of the parent jobs of this step.</summary>
public sealed record MonitorJob
{
    /// <summary>The monitor; null if no job names it.</summary>
    public string? Monitor { get; init; }

    /// <summary>The reference data, as the job names it: an ARM id or a URI. Null if no job names it.</summary>
    public string? BaselineDataset { get; init; }

    /// <summary>The data that drifted, as the job names it: an ARM id or a URI. Null if no job names it.</summary>
    public string? TargetDataset { get; init; }
}
