using MLEvents.Local.Simulator.DataFactory;
using MLEvents.Local.Simulator.EventGrid;
using MLEvents.Local.Simulator.MachineLearning;

namespace MLEvents.Local.Simulator.Storage;

/// <summary>Takes up, when the host starts, what an earlier process left undone.</summary>
internal sealed class Resumption(
    JobRunner jobs, OnlineEndpointRunner endpoints, OnlineDeploymentRunner deployments, FactoryRunner runs, Handshake handshakes, DeliveryQueue deliveries, DeliveryPump pump) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        pump.Resume();
        handshakes.Resume();
        deliveries.Resume();
        jobs.Resume();
        endpoints.Resume();
        deployments.Resume();
        runs.Resume();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
