using System.Diagnostics;

using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks;

/// <summary>The ports of a service, its sidecar and its dependencies.</summary>
internal sealed record ServicePorts(int Service, int SidecarHttp, int SidecarGrpc, int Simulator, int Smtp);

/// <summary>The services as programs, with the settings for the simulator. Call <see cref="PublishAsync"/> before the other methods.</summary>
internal static class ServicePrograms
{
    private static readonly Dictionary<string, string> Folders = new()
    {
        ["Simulator"] = "deploy/local/Simulator",
        ["Sidecar"] = "deploy/local/Sidecar",
        ["Host"] = "deploy/local/Host",
    };

    /// <summary>Publishes programs: services by their names, and the programs of the local host.</summary>
    public static Task PublishAsync(IEnumerable<string> names, CancellationToken cancellationToken) =>
        Published.PublishAsync(names.Select(name => Folders.GetValueOrDefault(name, $"services/{name}")), cancellationToken);

    public static ProcessStartInfo Simulator(int port, int smtp) =>
        Published.Program("Simulator", "MLEvents.Local.Simulator", [$"--urls=http://127.0.0.1:{port}", $"--Simulator:SmtpPort={smtp}"]);

    public static ProcessStartInfo Service(string name, ServicePorts ports) => Published.Program(name, $"MLEvents.{name}",
    [
        "--environment=Development",
        $"--urls=http://127.0.0.1:{ports.Service}",
        $"--DAPR_HTTP_ENDPOINT=http://127.0.0.1:{ports.SidecarHttp}",
        $"--DAPR_GRPC_ENDPOINT=http://127.0.0.1:{ports.SidecarGrpc}",
        $"--Rules:Directory={Repository.PathOf("rules")}",
        "--Mail:Host=127.0.0.1",
        $"--Mail:Port={ports.Smtp}",
        "--Mail:From=mlevents@example.com",
        "--Mail:Security=None",
        $"--AzureML:Endpoint=http://127.0.0.1:{ports.Simulator}",
        "--AzureML:Credential=Local",
    ]);

    public static ProcessStartInfo Sidecar(string name, ServicePorts ports, string data)
    {
        var start = Published.Program("Sidecar", "MLEvents.Local.Sidecar",
        [
            $"--app-id={name.ToLowerInvariant()}",
            $"--app-port={ports.Service}",
            $"--dapr-http-port={ports.SidecarHttp}",
            $"--dapr-grpc-port={ports.SidecarGrpc}",
            $"--resources-path={Repository.PathOf("components", "embedded")}",
            $"--data-dir={data}",
        ]);
        start.Environment["TEAMS_WEBHOOK_URL"] = $"http://127.0.0.1:{ports.Simulator}/hooks/teams";
        start.Environment["SLACK_WEBHOOK_URL"] = $"http://127.0.0.1:{ports.Simulator}/hooks/slack";
        start.Environment["GENERIC_WEBHOOK_URL"] = $"http://127.0.0.1:{ports.Simulator}/hooks/webhook";
        return start;
    }
}
