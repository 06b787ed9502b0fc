using MLEvents.Events;

namespace MLEvents.Ledger;

/// <summary>What the rules in force ask a service for.</summary>
public interface IActionPlanner
{
    /// <summary>The requests of all rules that match an event. Asked again for a retry of an action whose rule could not be worked out.</summary>
    /// <exception cref="Dapr.DaprException">What the requests depend on is in a state store that is away; ask again.</exception>
    Task<IReadOnlyList<ActionRequest>> PlanAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken);
}
