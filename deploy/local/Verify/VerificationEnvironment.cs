using System.Diagnostics;
using System.Globalization;

using MLEvents.Local.Host;

namespace MLEvents.Local.Verify;

/// <summary>The system as separate processes: the simulator, and each replica of each service with its sidecar.</summary>
internal sealed class VerificationEnvironment : IDisposable
{
    /// <summary>The name of the simulator process.</summary>
    public const string SimulatorName = "simulator";

    private const int PortsOfReplica = 100;

    // All processes start at the same time, which takes long on a machine with few cores.
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(2);
    private static readonly string Programs = AppContext.BaseDirectory;
    private readonly SidecarTokens _tokens = SidecarTokens.Create();

    // The dashboard executes no actions.
    private static IEnumerable<ServiceId> ActingServices => Enum.GetValues<ServiceId>().Where(service => service != ServiceId.Dashboard);
    private readonly VerificationOptions _options;
    private readonly Ports _ports;

    public VerificationEnvironment(VerificationOptions options, Ports ports)
    {
        (_options, _ports) = (options, ports);
        Directory.CreateDirectory(Logs);
        Directory.CreateDirectory(Data);
        Processes = [CreateSimulator(), .. ActingServices.SelectMany(service => Enumerable.Range(0, ReplicasOf(service)).SelectMany(replica => CreateProcesses(service, replica)))];
    }

    /// <summary>All processes. Each kill ends one of them.</summary>
    public IReadOnlyList<ChildProcess> Processes { get; }

    /// <summary>Whether the disk is full. A process may then end, and is started again when there is space.</summary>
    public bool IsDiskFull { get; set; }

    /// <summary>The folder of the broker and of the state store.</summary>
    public string Data => Path.Combine(_options.Folder, "data");

    public Uri Ingress => new($"http://127.0.0.1:{_ports.For(ServiceId.Ingress)}/events?code={MLEvents.Ingress.IngressOptions.LocalKey}");

    public Uri Simulator => new($"http://127.0.0.1:{_ports.Simulator}");

    /// <summary>The address of the first notifier.</summary>
    public Uri Notifier => new($"http://127.0.0.1:{_ports.For(ServiceId.Notifier)}");

    /// <summary>The address of the first retrainer.</summary>
    public Uri Retrainer => new($"http://127.0.0.1:{_ports.For(ServiceId.Retrainer)}");

    /// <summary>The address of the first deployer.</summary>
    public Uri Deployer => new($"http://127.0.0.1:{_ports.For(ServiceId.Deployer)}");

    private string Logs => Path.Combine(_options.Folder, "logs");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var process in Processes)
        {
            process.Start();
        }

        foreach (var service in ActingServices)
        {
            for (var replica = 0; replica < ReplicasOf(service); replica++)
            {
                await ReadyAsync(service, replica, cancellationToken);
            }
        }
    }

    private async Task ReadyAsync(ServiceId service, int replica, CancellationToken cancellationToken)
    {
        try
        {
            await Readiness.WaitAsync(service.AppId(), PortsOf(replica).For(service), LongestStart, TimeSpan.FromSeconds(10), cancellationToken);
        }
        catch (StartException fault)
        {
            throw new InvalidOperationException(fault.Message, fault);
        }
    }

    public void Dispose()
    {
        foreach (var process in Processes)
        {
            process.Dispose();
        }
    }

    // A subscription of Event Grid has one address, so several ingress processes would need a load balancer.
    private int ReplicasOf(ServiceId service) => service == ServiceId.Ingress ? 1 : _options.Replicas;

    private Ports PortsOf(int replica) => _ports with { Base = _ports.Base + (replica * PortsOfReplica) };

    private IEnumerable<ChildProcess> CreateProcesses(ServiceId service, int replica)
    {
        var (ports, name) = (PortsOf(replica), $"{service.AppId()}-{replica + 1}");
        yield return CreateProcess(name, $"MLEvents.{service}", ServiceArguments(service, ports), new(_tokens.Variables));
        yield return CreateProcess($"{name}-sidecar", "MLEvents.Local.Sidecar", SidecarArguments(service, ports), new(_tokens.Variables)
        {
            ["TEAMS_WEBHOOK_URL"] = $"{Simulator}hooks/teams",
            ["SLACK_WEBHOOK_URL"] = $"{Simulator}hooks/slack",
            ["GENERIC_WEBHOOK_URL"] = $"{Simulator}hooks/webhook",
        });
    }

    private ChildProcess CreateSimulator() => CreateProcess(SimulatorName, "MLEvents.Local.Simulator",
    [
        $"--urls={Simulator}",
        .. Settings(LocalEnvironmentSettings.Simulator(_ports)),
        $"--Simulator:DataFile={Path.Combine(_options.Folder, "simulator.db")}",
    ], null);

    private IEnumerable<string> ServiceArguments(ServiceId service, Ports ports) =>
    [
        "--environment=Development",
        $"--urls=http://127.0.0.1:{ports.For(service)}",
        .. Settings(LocalEnvironmentSettings.For(service, ports, new(Once: false, PlayScenario: false, ReportFile: null, Path.Combine(Programs, "verification", _options.RulesFolder), Data, ports.Base, "", Daprd: null))),

        // The replicas share Azure and the mail server.
        $"--AzureML:Endpoint={Simulator}",
        $"--Mail:Port={_ports.Smtp}",
        "--Ledger:Lease=00:00:05",
        "--Ledger:LongestRetry=00:00:05",
        "--AzureML:Arm:AttemptTimeout=00:00:05",
        "--AzureML:DataFactory:AttemptTimeout=00:00:05",
    ];

    private IEnumerable<string> SidecarArguments(ServiceId service, Ports ports) =>
    [
        $"--app-id={service.AppId()}",
        $"--app-port={ports.For(service)}",
        $"--dapr-http-port={ports.SidecarHttp(service)}",
        $"--dapr-grpc-port={ports.SidecarGrpc(service)}",
        $"--resources-path={Path.Combine(Programs, "verification", "components")}",
        $"--data-dir={Data}",
    ];

    private static IEnumerable<string> Settings(Dictionary<string, string?> settings) => settings.Select(setting => $"--{setting.Key}={setting.Value}");

    private ChildProcess CreateProcess(string name, string assembly, IEnumerable<string> arguments, Dictionary<string, string>? environment) =>
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
