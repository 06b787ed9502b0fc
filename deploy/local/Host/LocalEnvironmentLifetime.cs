namespace MLEvents.Local.Host;

/// <summary>Ignores Ctrl-C, which the host handles. Otherwise, each service would stop at the signal, before the environment stops all services together.</summary>
internal sealed class LocalEnvironmentLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
