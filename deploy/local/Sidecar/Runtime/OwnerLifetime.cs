namespace MLEvents.Local.Sidecar.Runtime;

/// <summary>Leaves the signals of the process to the owner of the sidecar, which stops it. With the default lifetime, a signal would not end a process that does not handle it.</summary>
internal sealed class OwnerLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
