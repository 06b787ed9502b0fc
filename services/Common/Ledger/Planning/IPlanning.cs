using MLEvents.Events;

namespace MLEvents.Ledger.Planning;

/// <summary>The planner and the executor of a service without the type of its plans. Plans are written and read in this namespace only.</summary>
internal interface IPlanning
{
    /// <summary>Plans the actions of all rules that match an event.</summary>
    Task<IReadOnlyList<PlannedAction>> PlanAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken);

    /// <summary>The id of the action that waits for what an event reports; null if none does.</summary>
    string? FindWaitingAction(WorkflowEvent workflowEvent);

    /// <summary>The limits that are in force for an action that has not started.</summary>
    IReadOnlyList<Limit> FindLimits(ActionRecord record) => record.Limits ?? [];

    /// <summary>Reads the plan of an action and takes the next step. An action whose plan cannot be read fails at once.</summary>
    Task<StepResult> StepAsync(ActionRecord record, CancellationToken cancellationToken);

    /// <summary>Cancels what an action started in another system; null if there is nothing to cancel, or the plan cannot be read.</summary>
    Task<CancelAnswer?> CancelAsync(ActionRecord record, CancellationToken cancellationToken) => Task.FromResult<CancelAnswer?>(null);
}
