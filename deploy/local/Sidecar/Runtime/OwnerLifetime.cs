namespace MLEvents.Local.Sidecar.Runtime;

/// <summary>Leaves the signals of the process to the owner of the sidecar, which stops the sidecar. The default lifetime would catch a signal and stop only the sidecar, so the process would continue.</summary>
internal sealed class OwnerLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
