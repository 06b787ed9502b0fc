using System.ComponentModel;
using System.Diagnostics;

using MLEvents.Local.Host;

namespace MLEvents.Local.Verify;

/// <summary>The system as separate processes: the simulator, each replica of each acting service with its sidecar, and Redis if the sidecars are daprd.</summary>
internal sealed class VerificationEnvironment : IDisposable
{
    /// <summary>The name of the simulator process.</summary>
    public const string SimulatorName = "simulator";

    private const string SidecarSuffix = "-sidecar";
    private const int PortsOfReplica = 100;

    // The offset of the port of Redis, between the offsets of the mail server and of the sidecars.
    private const int RedisPort = 30;

    // All processes start at the same time, which takes long on a machine with few cores.
    private static readonly TimeSpan MaxStartTime = TimeSpan.FromMinutes(2);
    private static readonly string Programs = AppContext.BaseDirectory;
    private readonly SidecarTokens _tokens = SidecarTokens.Create();

    // The dashboard executes no actions.
    private static IEnumerable<ServiceId> ActingServices => Enum.GetValues<ServiceId>().Where(service => service != ServiceId.Dashboard);
    private readonly VerificationOptions _options;
    private readonly Ports _ports;
    private readonly VerificationRedis? _redis;
    private int _fullDisks;

    public VerificationEnvironment(VerificationOptions options, Ports ports)
    {
        (_options, _ports) = (options, ports);
        Directory.CreateDirectory(Logs);
        Directory.CreateDirectory(Data);
        _redis = options.Daprd is null ? null : new VerificationRedis(options, ports.Base + RedisPort);
        _redis?.Prepare();
        Processes = [CreateSimulator(), .. CreateRedis(), .. ActingServices.SelectMany(service => Enumerable.Range(0, ReplicasOf(service)).SelectMany(replica => CreateProcesses(service, replica)))];
    }

    /// <summary>All processes. Each kill ends one of them.</summary>
    public IReadOnlyList<ChildProcess> Processes { get; }

    /// <summary>Whether each replica has a daprd.</summary>
    public bool HasDaprds => _redis is not null;

    /// <summary>Whether a process may end now: any process while the disk is full, and a daprd at any time. The run restarts such a process. At other times a service must not end, even while Redis is down.</summary>
    public bool MayEnd(ChildProcess process) => Volatile.Read(ref _fullDisks) > 0 || (HasDaprds && process.Name.EndsWith(SidecarSuffix, StringComparison.Ordinal));

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
            await StartAsync(process, cancellationToken);
        }

        foreach (var service in ActingServices)
        {
            for (var replica = 0; replica < ReplicasOf(service); replica++)
            {
                await ReadyAsync(service, replica, cancellationToken);
            }
        }
    }

    /// <summary>Starts a process. If the process is Redis, waits until it accepts connections.</summary>
    /// <exception cref="InvalidOperationException">The program is missing, or Redis does not listen in time.</exception>
    public async Task StartAsync(ChildProcess process, CancellationToken cancellationToken)
    {
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            var hint = _options.Daprd is null ? "" : " --dapr daprd needs redis-server in PATH, and daprd in PATH or named by the environment variable DAPRD.";
            throw new InvalidOperationException($"The {process.Name} cannot be started: {exception.Message.ReplaceLineEndings(" ")}.{hint}", exception);
        }

        if (process.Name == VerificationRedis.Name && _redis is not null)
        {
            // A daprd ends if Redis does not answer while the daprd starts.
            await _redis.ReadyAsync(cancellationToken);
        }
    }

    /// <summary>Records that a period with a full disk begins or ends; see <see cref="MayEnd"/>.</summary>
    public void CountFullDisk(bool begins) => Interlocked.Add(ref _fullDisks, begins ? 1 : -1);

    private async Task ReadyAsync(ServiceId service, int replica, CancellationToken cancellationToken)
    {
        try
        {
            await Readiness.WaitAsync(service.AppId(), PortsOf(replica).For(service), MaxStartTime, TimeSpan.FromSeconds(10), cancellationToken, DeadProcess);
        }
        catch (StartException fault)
        {
            throw new InvalidOperationException(fault.Message, fault);
        }
    }

    private string? DeadProcess() => Processes.FirstOrDefault(process => process.HasEndedUnexpectedly) is { } dead ? $"The {dead.Name} has ended; see {LogFileOf(dead.Name)}." : null;

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
        yield return _redis is { Components: var components } && _options.Daprd is { } daprd
            ? new($"{name}{SidecarSuffix}", () => WithEnvironment(Daprd.StartInfo(daprd, service, ports, HostOptionsOf(components), _tokens), SidecarVariables), LogFileOf($"{name}{SidecarSuffix}"))
            : CreateProcess($"{name}{SidecarSuffix}", "MLEvents.Local.Sidecar", SidecarArguments(service, ports), new(SidecarVariables.Concat(_tokens.Variables)));
    }

    private Dictionary<string, string> SidecarVariables => new()
    {
        ["TEAMS_WEBHOOK_URL"] = $"{Simulator}hooks/teams",
        ["SLACK_WEBHOOK_URL"] = $"{Simulator}hooks/slack",
        ["GENERIC_WEBHOOK_URL"] = $"{Simulator}hooks/webhook",

        // The component files name this secret; the Redis of the run has no password.
        ["REDIS_PASSWORD"] = "",
    };

    private IEnumerable<ChildProcess> CreateRedis() => _redis is null ? [] : [new(VerificationRedis.Name, _redis.StartInfo, LogFileOf(VerificationRedis.Name))];

    private Host.HostOptions HostOptionsOf(string components) =>
        new(Once: false, PlayScenario: false, ReportFile: null, Path.Combine(Programs, "verification", _options.RulesFolder), Data, _ports.Base, components, _options.Daprd);

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
        .. Settings(LocalEnvironmentSettings.For(service, ports, HostOptionsOf(components: ""))),

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
        new(name, () => WithEnvironment(new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(Programs, $"{assembly}.dll"), .. arguments]), environment ?? []), LogFileOf(name));

    private string LogFileOf(string process) => Path.Combine(Logs, $"{process}.log");

    private static ProcessStartInfo WithEnvironment(ProcessStartInfo info, Dictionary<string, string> variables)
    {
        foreach (var (name, value) in variables)
        {
            info.Environment[name] = value;
        }

        return info;
    }
}
