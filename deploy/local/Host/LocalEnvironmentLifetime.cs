namespace MLEvents.Local.Host;

/// <summary>Leaves Ctrl-C to the host: each part on its own would begin to stop at the signal, before the environment stops them all.</summary>
internal sealed class LocalEnvironmentLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
