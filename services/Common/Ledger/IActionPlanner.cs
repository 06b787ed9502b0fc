using MLEvents.Events;
using MLEvents.Events.Limits;

namespace MLEvents.Ledger;

/// <summary>Plans the actions of a service: those that its rules request because of an event.</summary>
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

    /// <summary>The id of the action that waits for the change that an event reports; null if none does. The ledger makes that action due at once.</summary>
    string? FindWaitingAction(WorkflowEvent workflowEvent) => null;

    /// <summary>The limits that apply to an action that has not started. A changed rule applies to waiting actions too.</summary>
    /// <remarks>The record holds the limits of the time when the action was accepted. They apply if the rule no longer exists.</remarks>
    IReadOnlyList<Limit> FindLimits(ActionRecord record) => record.Limits ?? [];
}
