using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;

namespace MLEvents.Local.Host;

/// <summary>The options of the local host's command line.</summary>
internal sealed class HostCommandOptions
{
    /// <summary>The option that runs the host for a real workspace.</summary>
    public const string AzureName = "--azure";

    private const string Embedded = "embedded";
    private const string Daprd = "daprd";
    private const string Loopback = "127.0.0.1";
    private const int MinBase = 1024;
    private const string Scenarios =
        "The scenario: loop; canary (a verified model gets 10, 50 and 100 percent of the traffic); bad-model (the new model fails under load, and the traffic is rolled back to the previous model); "
        + "approval (a roll-out waits for people; --once approves it); drift-storm (200 drift events; the limits of the rule allow only three trainings).";

    private readonly RepositoryPaths _paths;

    private readonly Option<bool> _once = new("--once") { Description = "Stop when the scenario ends: exit code 0 if it completed, 1 if not." };
    private readonly Option<string> _scenario = new("--scenario") { Description = Scenarios, HelpName = "NAME", DefaultValueFactory = _ => ScenarioPlan.Loop.Name };
    private readonly Option<bool> _noScenario = new("--no-scenario") { Description = "Start the environment without a scenario, and wait for events." };
    private readonly Option<FileInfo?> _report = new("--report") { Description = "Write the result of the scenario as JSON to this file." };
    private readonly Option<DirectoryInfo> _rules = new("--rules") { Description = "Folder with alerts.yaml, retraining.yaml and deployments.yaml. Default: the sample rules, or those of the scenario." };
    private readonly Option<DirectoryInfo> _data = new("--data") { Description = "Folder for the broker, the state and the logs. Later runs continue with its content. Only one host at a time can use it." };
    private readonly Option<int> _portBase = new("--port-base") { Description = $"The first port, {MinBase} to {Ports.MaxBase}. The other ports are at fixed offsets from it.", DefaultValueFactory = _ => Ports.DefaultBase };
    private readonly Option<string> _dapr = new("--dapr")
    {
        Description = "The sidecars: embedded, or daprd from the path in the environment variable DAPRD (default: daprd in PATH).",
        HelpName = "embedded|daprd",
        DefaultValueFactory = _ => Embedded,
    };

    private readonly Option<DirectoryInfo?> _components = new("--components") { Description = "Folder with the component files. Default components/embedded, or components/redis for daprd, which requires Redis on localhost:6379." };
    private readonly Option<bool> _azure = new(AzureName) { Description = "Run for a real workspace, without the simulator. Settings and credentials come from the environment and --settings." };
    private readonly Option<FileInfo?> _settings = new("--settings") { Description = "With --azure: JSON file with settings of the services. Environment variables override it. Set secrets in environment variables." };
    private readonly Option<string> _listen = new("--listen") { Description = "With --azure: an additional IP address on which the ingress listens. Put a TLS proxy in front of it that forwards only /events.", DefaultValueFactory = _ => Loopback };

    public HostCommandOptions(RepositoryPaths paths)
    {
        _paths = paths;
        _scenario.AcceptOnlyFromAmong([.. ScenarioPlan.All.Select(plan => plan.Name)]);
        _rules.DefaultValueFactory = _ => new(paths.Rules);
        _data.DefaultValueFactory = _ => new(paths.Data);
        _portBase.Validators.Add(RequirePortInRange);
        _dapr.AcceptOnlyFromAmong(Embedded, Daprd);
        _listen.Validators.Add(RequireAddress);
    }

    /// <summary>The options in the order of the help.</summary>
    public IReadOnlyList<Option> All => [_once, _scenario, _noScenario, _report, _rules, _data, _portBase, _dapr, _components, _azure, _settings, _listen];

    /// <summary>Reads the host's options from the parsed command line.</summary>
    public HostOptions Read(ParseResult parsed)
    {
        var plan = ScenarioPlan.All.First(one => one.Name == parsed.GetValue(_scenario));
        var isDaprd = parsed.GetRequiredValue(_dapr) == Daprd;
        return new(
            parsed.GetValue(_once),
            !parsed.GetValue(_noScenario) && !parsed.GetValue(_azure),
            parsed.GetValue(_report)?.FullName,
            parsed.GetResult(_rules) is { Implicit: false } ? parsed.GetRequiredValue(_rules).FullName : _paths.RulesOf(plan),
            parsed.GetRequiredValue(_data).FullName,
            parsed.GetValue(_portBase),
            parsed.GetValue(_components)?.FullName ?? (isDaprd ? _paths.RedisComponents : _paths.Components),
            isDaprd ? Environment.GetEnvironmentVariable("DAPRD") is { Length: > 0 } program ? program : Daprd : null)
        {
            Azure = parsed.GetValue(_azure) ? new AzureOptions(parsed.GetValue(_settings)?.FullName, parsed.GetRequiredValue(_listen)) : null,
            Scenario = plan,
        };
    }

    /// <summary>With <c>--azure</c>, refuses <c>--dapr</c> and the scenario options. Without <c>--azure</c>, refuses the options that need it.</summary>
    public void ValidateAzureOptions(CommandResult result)
    {
        var isAzure = result.GetValue(_azure);
        Option[] refused = isAzure ? [_once, _scenario, _report, _noScenario, _dapr] : [_settings, _listen];
        foreach (var option in refused.Where(option => result.GetResult(option) is { Implicit: false }))
        {
            result.AddError(isAzure ? $"{option.Name} cannot be used with {AzureName}." : $"{option.Name} can be used only with {AzureName}.");
        }
    }

    /// <summary>Refuses scenario options together with <c>--no-scenario</c>.</summary>
    public void ValidateScenarioOptions(CommandResult result)
    {
        if (result.GetValue(_noScenario) && (result.GetValue(_once) || result.GetResult(_report) is not null || result.GetResult(_scenario) is { Implicit: false }))
        {
            result.AddError("--once, --scenario and --report cannot be used with --no-scenario.");
        }
    }

    private static void RequirePortInRange(OptionResult result)
    {
        if (result.Tokens is [var token] && int.TryParse(token.Value, out var port) && port is < MinBase or > Ports.MaxBase)
        {
            result.AddError($"--port-base must be {MinBase} to {Ports.MaxBase}, not {port}.");
        }
    }

    private static void RequireAddress(OptionResult result)
    {
        if (result.Tokens is [var token] && !IPAddress.TryParse(token.Value, out _))
        {
            result.AddError($"--listen must be an IP address, such as 0.0.0.0, not '{token.Value}'.");
        }
    }
}
