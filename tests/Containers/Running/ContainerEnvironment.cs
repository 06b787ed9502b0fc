using DotNet.Testcontainers.Containers;

namespace MLEvents.Containers.Running;

/// <summary>
/// The services except the dashboard, from their images: the ingress, two replicas of each of the other services, a sidecar for each replica, and the simulator.
/// </summary>
internal sealed class ContainerEnvironment : IAsyncDisposable
{
    private static readonly string[] Subscribers = ["notifier", "retrainer", "deployer"];

    private readonly TempFolder _data = new();
    private readonly List<IContainer> _containers = [];

    // By service: the container of each replica, followed by the container of its sidecar.
    private readonly Dictionary<string, List<IContainer>> _replicas = [];
    private readonly int _smtp = FreePort.Next();

    public int Ingress { get; private set; }

    public int Simulator { get; } = FreePort.Next();

    public async Task StartAsync()
    {
        if (!OperatingSystem.IsWindows())
        {
            // The user of the containers must be able to write here.
            File.SetUnixFileMode(_data.Path, (UnixFileMode)0b111_111_111);
        }

        await RunAsync("Simulator", [$"--Simulator:SmtpPort={_smtp}", $"--urls=http://127.0.0.1:{Simulator}"]);
        Ingress = await RunServiceAsync("ingress");
        foreach (var subscriber in Subscribers)
        {
            await RunServiceAsync(subscriber);
            await RunServiceAsync(subscriber);
        }
    }

    /// <summary>Kills the first replica of a service and its sidecar, as a failure of their node does.</summary>
    public async Task KillReplicaAsync(string service)
    {
        foreach (var container in _replicas[service].Take(2))
        {
            Assert.NotNull(await Engine.TryAsync("kill", container.Id));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_containers.Select(container => container.DisposeAsync().AsTask()));
        _data.Dispose();
    }

    private async Task<int> RunServiceAsync(string name)
    {
        var (port, http, grpc) = (FreePort.Next(), FreePort.Next(), FreePort.Next());
        var service = await RunAsync(name,
        [
            "--environment=Development",
            $"--urls=http://127.0.0.1:{port}",
            $"--DAPR_HTTP_ENDPOINT=http://127.0.0.1:{http}",
            $"--DAPR_GRPC_ENDPOINT=http://127.0.0.1:{grpc}",
            "--Ledger:Lease=00:00:05",
            "--Mail:Host=127.0.0.1",
            $"--Mail:Port={_smtp}",
            "--Mail:From=mlevents@example.com",
            "--Mail:Security=None",
            $"--AzureML:Endpoint=http://127.0.0.1:{Simulator}",
            "--AzureML:Credential=Local",
        ]);
        var sidecar = await RunAsync("Sidecar",
        [
            $"--app-id={name}", $"--app-port={port}", $"--dapr-http-port={http}", $"--dapr-grpc-port={grpc}", "--resources-path=/components", "--data-dir=/data",
        ]);
        var replicas = _replicas.TryGetValue(name, out var known) ? known : _replicas[name] = [];
        replicas.AddRange([service, sidecar]);
        return port;
    }

    private async Task<IContainer> RunAsync(string name, string[] arguments)
    {
        var container = HardenedContainer.Create(name, arguments)
            .WithBindMount(_data.Path, "/data")
            .WithBindMount(Repository.PathOf("components", "embedded"), "/components")
            .WithEnvironment("TEAMS_WEBHOOK_URL", $"http://127.0.0.1:{Simulator}/hooks/teams")
            .WithEnvironment("SLACK_WEBHOOK_URL", $"http://127.0.0.1:{Simulator}/hooks/slack")
            .WithEnvironment("GENERIC_WEBHOOK_URL", $"http://127.0.0.1:{Simulator}/hooks/webhook")
            .Build();
        _containers.Add(container);
        await container.StartAsync(TestContext.Current.CancellationToken);
        return container;
    }
}
