namespace MLEvents.Rules;

/// <summary>A rule of <c>retraining.yaml</c>: start a training pipeline on an event.</summary>
public sealed record RetrainingRule : Rule
{
    /// <summary>What is started: a <see cref="PipelineJobRun"/> or a <see cref="DataFactoryRun"/>.</summary>
    public required RetrainingRun Run { get; init; }
}
