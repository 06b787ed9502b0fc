using MLEvents.Events;

namespace MLEvents.Rules;

/// <summary>A rule of <c>retraining.yaml</c>: start a training on an event.</summary>
public sealed record RetrainingRule : Rule
{
    /// <summary>The run to start: a <see cref="JobRun"/>, a <see cref="DataFactoryRun"/> or a <see cref="BatchEndpointRun"/>.</summary>
    public required RetrainingRun Run { get; init; }

    /// <summary>The policy for restarting a run that ended without success; null for no restart.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>How long a run may take before it is cancelled; null for <c>Retrainer:LongestRun</c>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The limits on running and starting runs, in the order in which they are checked; empty for no limit.</summary>
    public IReadOnlyList<RunLimit> Limits { get; init; } = [];

    /// <summary>The approval that an action needs; null for none.</summary>
    public RuleApproval? Approval { get; init; }

    /// <summary>Whether an event is about a run that this rule started. Without this check, a rule for failed runs would start runs endlessly if each of them fails.</summary>
    public bool IsAboutOwnRun(WorkflowEvent workflowEvent) =>
        JsonText.TryMember(workflowEvent.Data, "runTags", out var tags) && JsonText.TryMember(tags, Correlation.RuleTag, out var rule) && JsonText.Plain(rule) == Name;
}
