using System.Diagnostics;
using System.Globalization;

using MLEvents.Local.Host;

namespace MLEvents.Local.Verify;

/// <summary>The whole system, each part a process of its own: the simulator, and every replica of every service beside its sidecar.</summary>
internal sealed class VerificationEnvironment : IDisposable
{
    /// <summary>The simulator's name among the parts.</summary>
    public const string SimulatorName = "simulator";

    private const int PortsOfReplica = 100;

    // All processes start at once, on however few cores there are.
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(2);
    private static readonly string Programs = AppContext.BaseDirectory;
    private readonly VerificationOptions _options;
    private readonly Ports _ports;

    public VerificationEnvironment(VerificationOptions options, Ports ports)
    {
        (_options, _ports) = (options, ports);
        Directory.CreateDirectory(Logs);
        Directory.CreateDirectory(Data);
        Processes = [SimulatorPart(), .. Enum.GetValues<ServiceId>().SelectMany(member => Enumerable.Range(0, ReplicasOf(member)).SelectMany(replica => PartsOf(member, replica)))];
    }

    /// <summary>Every process; what is killed is one of them.</summary>
    public IReadOnlyList<ChildProcess> Processes { get; }

    /// <summary>The folder of the broker and the state store.</summary>
    public string Data => Path.Combine(_options.Folder, "data");

    public Uri Ingress => new($"http://127.0.0.1:{_ports.Of(ServiceId.Ingress)}/events?code={MLEvents.Ingress.IngressOptions.LocalKey}");

    public Uri Simulator => new($"http://127.0.0.1:{_ports.Simulator}");

    /// <summary>The port of a notifier.</summary>
    public Uri Notifier => new($"http://127.0.0.1:{_ports.Of(ServiceId.Notifier)}");

    private string Logs => Path.Combine(_options.Folder, "logs");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var part in Processes)
        {
            part.Start();
        }

        foreach (var member in Enum.GetValues<ServiceId>())
        {
            for (var replica = 0; replica < ReplicasOf(member); replica++)
            {
                await ReadyAsync(member, replica, cancellationToken);
            }
        }
    }

    private async Task ReadyAsync(ServiceId member, int replica, CancellationToken cancellationToken)
    {
        try
        {
            await Readiness.WaitAsync(member.AppId(), PortsOf(replica).Of(member), LongestStart, TimeSpan.FromSeconds(10), cancellationToken);
        }
        catch (StartException fault)
        {
            throw new InvalidOperationException(fault.Message, fault);
        }
    }

    public void Dispose()
    {
        foreach (var part in Processes)
        {
            part.Dispose();
        }
    }

    // The address that Event Grid knows is one; a second ingress would need a load balancer in front.
    private int ReplicasOf(ServiceId member) => member == ServiceId.Ingress ? 1 : _options.Replicas;

    private Ports PortsOf(int replica) => _ports with { Base = _ports.Base + (replica * PortsOfReplica) };

    private IEnumerable<ChildProcess> PartsOf(ServiceId member, int replica)
    {
        var (ports, name) = (PortsOf(replica), $"{member.AppId()}-{replica + 1}");
        yield return PartOf(name, $"MLEvents.{member}", ServiceArguments(member, ports), null);
        yield return PartOf($"{name}-sidecar", "MLEvents.Local.Sidecar", SidecarArguments(member, ports), new()
        {
            ["TEAMS_WEBHOOK_URL"] = $"{Simulator}hooks/teams",
            ["SLACK_WEBHOOK_URL"] = $"{Simulator}hooks/slack",
            ["GENERIC_WEBHOOK_URL"] = $"{Simulator}hooks/webhook",
        });
    }

    private ChildProcess SimulatorPart() => PartOf(SimulatorName, "MLEvents.Local.Simulator",
    [
        $"--urls={Simulator}",
        .. Settings(LocalEnvironmentSettings.Simulator(_ports)),
        $"--Simulator:DataFile={Path.Combine(_options.Folder, "simulator.db")}",
    ], null);

    private IEnumerable<string> ServiceArguments(ServiceId member, Ports ports) =>
    [
        "--environment=Development",
        $"--urls=http://127.0.0.1:{ports.Of(member)}",
        .. Settings(LocalEnvironmentSettings.Of(member, ports, new(Once: false, PlayScenario: false, ReportFile: null, Path.Combine(Programs, "proof", "rules"), Data, ports.Base, "", Daprd: null))),

        // Azure and the mail server are shared by the replicas.
        $"--AzureML:Endpoint={Simulator}",
        $"--Mail:Port={_ports.Smtp}",
        "--Ledger:Lease=00:00:05",
        "--Ledger:LongestRetry=00:00:05",
        "--AzureML:Arm:AttemptTimeout=00:00:05",
        "--AzureML:DataFactory:AttemptTimeout=00:00:05",
    ];

    private IEnumerable<string> SidecarArguments(ServiceId member, Ports ports) =>
    [
        $"--app-id={member.AppId()}",
        $"--app-port={ports.Of(member)}",
        $"--dapr-http-port={ports.SidecarHttp(member)}",
        $"--dapr-grpc-port={ports.SidecarGrpc(member)}",
        $"--resources-path={Path.Combine(Programs, "proof", "components")}",
        $"--data-dir={Data}",
    ];

    private static IEnumerable<string> Settings(Dictionary<string, string?> settings) => settings.Select(setting => $"--{setting.Key}={setting.Value}");

    private ChildProcess PartOf(string name, string assembly, IEnumerable<string> arguments, Dictionary<string, string>? environment) =>
        new(name, () => StartInfo(assembly, arguments, environment), Path.Combine(Logs, string.Create(CultureInfo.InvariantCulture, $"{name}.log")));

    private static ProcessStartInfo StartInfo(string assembly, IEnumerable<string> arguments, Dictionary<string, string>? environment)
    {
        var info = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(Programs, $"{assembly}.dll"), .. arguments]);
        foreach (var (name, value) in environment ?? [])
        {
            info.Environment[name] = value;
        }

        return info;
    }
}
