using MLEvents.Events;

namespace MLEvents.Rules;

/// <summary>A rule of <c>retraining.yaml</c>: start a training on an event.</summary>
public sealed record RetrainingRule : Rule
{
    /// <summary>What is started: a <see cref="JobRun"/>, a <see cref="DataFactoryRun"/> or a <see cref="BatchEndpointRun"/>.</summary>
    public required RetrainingRun Run { get; init; }

    /// <summary>When a run that ended badly is started again; null for never.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>How long a run may take before it is cancelled; null for the longest time of the service.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How many runs run or start, in the order in which the limits are asked; empty for no limit.</summary>
    public IReadOnlyList<RunLimit> Limits { get; init; } = [];

    /// <summary>The approval that an action needs; null for none.</summary>
    public RuleApproval? Approval { get; init; }

    /// <summary>Whether an event is about a run that this rule started. Otherwise "train again when a run fails" would start runs without end when each of them fails.</summary>
    public bool IsAboutOwnRun(WorkflowEvent workflowEvent) =>
        JsonText.TryMember(workflowEvent.Data, "runTags", out var tags) && JsonText.TryMember(tags, Correlation.RuleTag, out var rule) && JsonText.Plain(rule) == Name;
}
