using MLEvents.Events;

namespace MLEvents.Ledger.Chains;

/// <summary>
/// The chains of jobs and of the events of registered models, shared by the services. The retrainer writes the chain of each job that it starts. A service that looked up
/// the chain of an event writes this chain for the other services.
/// </summary>
public interface IChainRecords
{
    /// <summary>False while the sidecar is known to have no state store for chains. Nothing is recorded or found then.</summary>
    bool IsAvailable { get; }

    /// <summary>Records the chain of a job.</summary>
    /// <param name="workspace">The ARM id of the workspace.</param>
    /// <param name="job">The name of the job.</param>
    /// <param name="chain">The chain.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="Dapr.DaprException">The state store is unavailable.</exception>
    Task SaveJobAsync(string workspace, string job, JoinedChain chain, CancellationToken cancellationToken);

    /// <summary>Finds the chain of a job.</summary>
    /// <param name="workspace">The ARM id of the workspace.</param>
    /// <param name="job">The name of the job.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Null if none is recorded.</returns>
    /// <exception cref="Dapr.DaprException">The state store is unavailable.</exception>
    Task<JoinedChain?> FindJobAsync(string workspace, string job, CancellationToken cancellationToken);

    /// <summary>Records the chain of an event. The chain is <see cref="JoinedChain.None"/> if the event is known to start its own chain.</summary>
    /// <param name="workflowEvent">The event.</param>
    /// <param name="chain">The chain.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="Dapr.DaprException">The state store is unavailable.</exception>
    Task SaveEventAsync(WorkflowEvent workflowEvent, JoinedChain chain, CancellationToken cancellationToken);

    /// <summary>Finds the chain of an event.</summary>
    /// <param name="workflowEvent">The event.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Null if none is recorded yet.</returns>
    /// <exception cref="Dapr.DaprException">The state store is unavailable.</exception>
    Task<JoinedChain?> FindEventAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken);
}
