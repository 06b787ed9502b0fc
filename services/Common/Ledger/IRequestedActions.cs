using MLEvents.Events;

namespace MLEvents.Ledger;

/// <summary>Starts actions that an operator requests, without an event from outside. They are recorded, retried and shown like other actions.</summary>
/// <typeparam name="TPlan">The type of the service's plans.</typeparam>
public interface IRequestedActions<TPlan>
    where TPlan : class
{
    /// <summary>Starts an action.</summary>
    /// <param name="request">The operator's request in the form of an event; it begins the chain. Its source and id identify the action.</param>
    /// <param name="action">The action to start.</param>
    /// <param name="by">The operator who requests it, the client address and the reason, for the record and the activity.</param>
    /// <param name="cancellationToken">Cancels the operation. The action may already be recorded.</param>
    /// <returns>The action's id. The call returns once the action has finished or is recorded as pending.</returns>
    /// <exception cref="Dapr.DaprException">The state store or the broker is unavailable.</exception>
    Task<string> StartAsync(WorkflowEvent request, ActionRequest<TPlan> action, Intervention by, CancellationToken cancellationToken);
}
