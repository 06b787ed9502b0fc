using MLEvents.Local.Simulator.Client;
using MLEvents.Tests.Common;

namespace MLEvents.EndToEnd.Running;

/// <summary>One host for all tests that need no host of their own; they tell their events apart by id.</summary>
public sealed class RunningEnvironment : IAsyncLifetime
{
    private readonly TempFolder _data = new();
    private LocalHost? _host;

    internal LocalHost Host => _host ?? throw new InvalidOperationException("The host is not started.");

    internal SimulatorClient Simulator => Host.Simulator;

    internal IngressClient Ingress => Host.Ingress;

    internal string Data => _data.Path;

    /// <summary>Sends an event through, so that what was delivered before it has had its chance to act.</summary>
    internal async Task MarkAsync(CancellationToken cancellationToken)
    {
        // Of a workspace of its own: of one, the sample rules mail ten an hour.
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

/// <summary>The tests that share a host; they run one after the other, for a fault set by one hits all.</summary>
[CollectionDefinition(Name)]
public sealed class EnvironmentGroup : ICollectionFixture<RunningEnvironment>
{
    /// <summary>The group's name.</summary>
    public const string Name = "one host";
}
