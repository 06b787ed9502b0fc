using MLEvents.Local.Simulator.Client;
using MLEvents.Tests.Common;

namespace MLEvents.EndToEnd.Running;

/// <summary>One host for all tests that need no separate host. The tests identify their events by id.</summary>
public sealed class RunningEnvironment : IAsyncLifetime
{
    private readonly TempFolder _data = new();
    private LocalHost? _host;

    internal LocalHost Host => _host ?? throw new InvalidOperationException("The host is not started.");

    internal SimulatorClient Simulator => Host.Simulator;

    internal IngressClient Ingress => Host.Ingress;

    internal string Data => _data.Path;

    /// <summary>Sends an event and waits for its mail. When the mail arrives, the services have also handled the earlier events.</summary>
    internal async Task MarkAsync(CancellationToken cancellationToken)
    {
        // The event has its own workspace, because the sample rules send at most ten mails an hour for each workspace.
        var mark = Events.RunFailed("mark");
        mark["topic"] = $"{SimulatorClient.Workspace}-{Guid.NewGuid():N}";
        await Ingress.DeliverAsync(cancellationToken, mark);
        await Simulator.MailAsync(mark.Id(), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => _host = await LocalHost.StartReadyAsync(_data.Path, TestContext.Current.CancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        _data.Dispose();
    }
}

/// <summary>The tests that share a host. They run one after the other, because a fault affects all of them.</summary>
[CollectionDefinition(Name)]
public sealed class EnvironmentGroup : ICollectionFixture<RunningEnvironment>
{
    /// <summary>The group's name.</summary>
    public const string Name = "one host";
}
