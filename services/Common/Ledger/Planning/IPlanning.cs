using MLEvents.Events;
using MLEvents.Events.Limits;

namespace MLEvents.Ledger.Planning;

/// <summary>The planner and the executor of a service without the type of its plans. Plans are written and read in this namespace only.</summary>
internal interface IPlanning
{
    /// <summary>Plans the actions of all rules that match an event.</summary>
    Task<IReadOnlyList<PlannedAction>> PlanAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken);

    /// <summary>Whether the chain of an event matters to the service, so that it is looked for.</summary>
    bool NeedsChain(WorkflowEvent workflowEvent) => true;

    /// <summary>The id of the action that waits for what an event reports; null if none does.</summary>
    string? FindWaitingAction(WorkflowEvent workflowEvent);

    /// <summary>The limits that are in force for an action that has not started.</summary>
    IReadOnlyList<Limit> FindLimits(ActionRecord record) => record.Limits ?? [];

    /// <summary>Reads the plan of an action and takes the next step. An action whose plan cannot be read fails at once.</summary>
    Task<StepResult> StepAsync(ActionRecord record, CancellationToken cancellationToken);

    /// <summary>Why an action that waits for an approval is not wanted any more, for people; null if it is.</summary>
    Task<string?> FindObstacleAsync(ActionRecord record, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <summary>The credential that the next step of an action needs; null if it is not known before the step.</summary>
    string? FindCredential(ActionRecord record) => null;

    /// <summary>What the approval of an action, or the report of a dry run, can be based on, by name.</summary>
    IReadOnlyDictionary<string, string> DescribeEvidence(ActionRecord record) => new Dictionary<string, string>();

    /// <summary>What other systems say about an action when its approval is asked for.</summary>
    Task<IReadOnlyDictionary<string, string>> ReadEvidenceAsync(ActionRecord record, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string>());

    /// <summary>Cancels what an action started in another system; null if there is nothing to cancel, or the plan cannot be read.</summary>
    Task<CancelAnswer?> CancelAsync(ActionRecord record, CancellationToken cancellationToken) => Task.FromResult<CancelAnswer?>(null);
}
