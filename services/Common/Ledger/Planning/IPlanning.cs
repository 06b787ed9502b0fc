using MLEvents.Events;
using MLEvents.Events.Limits;

namespace MLEvents.Ledger.Planning;

/// <summary>The planner and the executor of a service, independent of the type of its plans. Only this namespace reads and writes plans.</summary>
internal interface IPlanning
{
    /// <summary>Plans the actions of all rules that match an event.</summary>
    Task<IReadOnlyList<PlannedAction>> PlanAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken);

    /// <summary>Whether the ledger must look up the chain of a registered model before the service plans.</summary>
    bool NeedsChain(WorkflowEvent workflowEvent) => true;

    /// <summary>The id of the action that waits for the change that an event reports; null if no action waits for the change.</summary>
    string? FindWaitingAction(WorkflowEvent workflowEvent);

    /// <summary>The limits that apply to an action that has not started.</summary>
    IReadOnlyList<Limit> FindLimits(ActionRecord record) => record.Limits ?? [];

    /// <summary>Reads the plan of an action and takes the next step. An action whose plan cannot be read fails at once.</summary>
    Task<StepResult> StepAsync(ActionRecord record, CancellationToken cancellationToken);

    /// <summary>The reason, for people, why an action that waits for an approval is no longer wanted; null if it is wanted.</summary>
    Task<string?> FindObstacleAsync(ActionRecord record, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <summary>The credential that the next step of an action needs; null if it is not known before the step.</summary>
    string? FindCredential(ActionRecord record) => null;

    /// <summary>The facts, by name, that the question for an approval and the report of a dry run show to people.</summary>
    IReadOnlyDictionary<string, string> DescribeEvidence(ActionRecord record) => new Dictionary<string, string>();

    /// <summary>The facts, by name, that other systems report when an approval is requested, in addition to <see cref="DescribeEvidence"/>.</summary>
    Task<IReadOnlyDictionary<string, string>> ReadEvidenceAsync(ActionRecord record, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string>());

    /// <summary>Cancels the work that an action started in another system. Null if there is nothing to cancel, or the plan cannot be read.</summary>
    Task<CancelAnswer?> CancelAsync(ActionRecord record, CancellationToken cancellationToken) => Task.FromResult<CancelAnswer?>(null);
}
