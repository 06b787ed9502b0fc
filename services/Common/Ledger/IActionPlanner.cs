using MLEvents.Events;
using MLEvents.Events.Limits;

namespace MLEvents.Ledger;

/// <summary>Plans the actions of a service: what its rules ask for because of an event.</summary>
/// <typeparam name="TPlan">The type of the service's plans.</typeparam>
public interface IActionPlanner<TPlan>
    where TPlan : class
{
    /// <summary>Plans the actions of all rules that match an event.</summary>
    /// <remarks>The ledger calls it for each delivery of an event, and again when an operator retries an action whose rule could not be evaluated.</remarks>
    /// <exception cref="Dapr.DaprException">The state store is unavailable; the event must be redelivered.</exception>
    Task<IReadOnlyList<ActionRequest<TPlan>>> PlanAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken);

    /// <summary>Whether the chain of a registered model matters to the service, so that it is looked for before the actions are planned. Default true.</summary>
    bool NeedsChain(WorkflowEvent workflowEvent) => true;

    /// <summary>The id of the action that waits for what an event reports; null if none does. The ledger makes that action due at once.</summary>
    string? FindWaitingAction(WorkflowEvent workflowEvent) => null;

    /// <summary>The limits that are in force for an action that has not started: a changed rule applies to waiting actions too.</summary>
    /// <remarks>The limits that were in force when the action was accepted are in its record. They apply when the rule does not exist any more.</remarks>
    IReadOnlyList<Limit> FindLimits(ActionRecord record) => record.Limits ?? [];
}
