using MLEvents.Local.Simulator.DataFactory;
using MLEvents.Local.Simulator.EventGrid;
using MLEvents.Local.Simulator.MachineLearning;

namespace MLEvents.Local.Simulator;

/// <summary>Resumes the unfinished work of an earlier process when the host starts.</summary>
internal sealed class Resumption(
    JobRunner jobs, OnlineEndpointRunner endpoints, OnlineDeploymentRunner deployments, FactoryRunner runs, BatchRunner batch, Handshake handshakes, DeliveryQueue deliveries, DeliveryPump pump) : IHostedService
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
        batch.Resume();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
