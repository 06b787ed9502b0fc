namespace MLEvents.Deployer.Queueing;

/// <summary>The queues of all endpoints, shared by the replicas.</summary>
internal interface IEndpointQueues
{
    /// <summary>Enters the queue of an endpoint, or renews the entry.</summary>
    /// <param name="plan">The roll-out.</param>
    /// <param name="action">The id of its action.</param>
    /// <param name="longest">How long the entry is valid if the roll-out never renews it.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="Dapr.DaprException">The state store is unavailable.</exception>
    Task<Turn> EnterAsync(RolloutPlan plan, string action, TimeSpan longest, CancellationToken cancellationToken);

    /// <summary>Leaves the queue, so that the next roll-out begins. Does nothing if the action is not in it.</summary>
    /// <exception cref="Dapr.DaprException">The state store is unavailable.</exception>
    Task LeaveAsync(RolloutPlan plan, string action, CancellationToken cancellationToken);
}
