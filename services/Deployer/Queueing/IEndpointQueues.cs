namespace MLEvents.Deployer.Queueing;

/// <summary>The queues of all endpoints, shared by the replicas.</summary>
internal interface IEndpointQueues
{
    /// <summary>Adds a roll-out to the queue of its endpoint, or renews its entry.</summary>
    /// <param name="plan">The roll-out.</param>
    /// <param name="action">The id of its action.</param>
    /// <param name="lease">How long the entry is valid unless the roll-out renews it.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="Dapr.DaprException">The state store is unavailable.</exception>
    Task<QueuePosition> EnterAsync(RolloutPlan plan, string action, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Removes a roll-out from the queue, so that the next roll-out can begin. Does nothing if the roll-out is not in the queue.</summary>
    /// <exception cref="Dapr.DaprException">The state store is unavailable.</exception>
    Task LeaveAsync(RolloutPlan plan, string action, CancellationToken cancellationToken);
}
