using MLEvents.Events;
using MLEvents.Events.Limits;

namespace MLEvents.Ledger;

/// <summary>Plans the actions that the rules of a service request because of an event.</summary>
/// <typeparam name="TPlan">The type of the service's plans.</typeparam>
public interface IActionPlanner<TPlan>
    where TPlan : class
{
    /// <summary>Plans the actions of all rules that match an event.</summary>
    /// <remarks>
    /// The ledger calls this method for each delivery of an event. The ledger also calls this method when an operator retries an action whose rule could not be evaluated,
    /// retries an action with the rules in force, or compares an action with the rules in force.
    /// </remarks>
    /// <exception cref="Dapr.DaprException">The state store is unavailable; the event must be redelivered.</exception>
    Task<IReadOnlyList<ActionRequest<TPlan>>> PlanAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken);

    /// <summary>Whether the ledger must look up the chain of a registered model before the service plans. Default true.</summary>
    bool NeedsChain(WorkflowEvent workflowEvent) => true;

    /// <summary>The id of the action that waits for the change that an event reports. The ledger makes this action due at once. Null if no action waits for the change.</summary>
    string? FindWaitingAction(WorkflowEvent workflowEvent) => null;

    /// <summary>The limits that apply now to an action that has not started. If the rule has changed since the action was accepted, its new limits apply.</summary>
    /// <remarks><see cref="ActionRecord.Limits"/> holds the limits that the rule had when the action was accepted. These limits apply if the rule no longer exists.</remarks>
    IReadOnlyList<Limit> FindLimits(ActionRecord record) => record.Limits ?? [];
}
