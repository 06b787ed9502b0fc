using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;

namespace MLEvents.Local.Host;

/// <summary>The command line of the local host.</summary>
internal static class HostCommand
{
    private const string Description = """
        Runs the whole loop on this machine: Azure Machine Learning events come in, people are notified, a model is retrained, the new model is rolled out.
        With --azure it runs for a real workspace: one process with all services, durable on SQLite in the data folder.

        Exit codes: 0 the loop closed, or the host was stopped; 1 the loop did not close (with --once also: stopped before it closed) or the
        report could not be written; 2 it could not start, or the command line makes no sense.
        """;

    private const string Embedded = "embedded";
    private const string Daprd = "daprd";
    private const string Azure = "--azure";
    private const string Loopback = "127.0.0.1";

    // Above what the environment takes to stop: it is the environment that decides what is abandoned.
    private static readonly TimeSpan StopReserve = TimeSpan.FromMilliseconds(500);

    /// <summary>Reads the command line and does what it says.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var parsed = Create(RepositoryPaths.Find(), (options, stop) => new LocalHost(options, new ConsoleWriter(output, error)).RunAsync(stop)).Parse(args);
        if (parsed.Errors is [var first, ..])
        {
            await error.WriteLineAsync($"{first.Message.ReplaceLineEndings(" ")} --help lists the options.");
            return ExitCodes.NotStarted;
        }

        var stopWithin = args.Contains(Azure) ? LocalEnvironment.StopWithinForAzure : LocalEnvironment.StopWithin;
        return await parsed.InvokeAsync(new() { Output = output, Error = error, ProcessTerminationTimeout = stopWithin + StopReserve });
    }

    /// <summary>The command; what it reads goes to <paramref name="run"/>.</summary>
    public static RootCommand Create(RepositoryPaths layout, Func<HostOptions, CancellationToken, Task<int>> run)
    {
        var once = new Option<bool>("--once") { Description = "Stop when the loop has closed: exit code 0 if it did, 1 if not." };
        var scenario = new Option<string>("--scenario") { Description = "What is played: loop; canary (a verified model gets 10, 50 and 100 percent of the traffic); bad-model (it fails under load, and the traffic goes back); approval (a roll-out waits for people; --once approves it); drift-storm (200 drift events against the limits of a rule).", HelpName = "NAME", DefaultValueFactory = _ => ScenarioPlan.Loop.Name };
        scenario.AcceptOnlyFromAmong([.. ScenarioPlan.All.Select(plan => plan.Name)]);
        var noScenario = new Option<bool>("--no-scenario") { Description = "Start everything and wait for events." };
        var report = new Option<FileInfo?>("--report") { Description = "Write what happened as JSON to this file." };
        var rules = new Option<DirectoryInfo>("--rules") { Description = "Folder with alerts.yaml, retraining.yaml and deployments.yaml. Default: the sample rules, or those of the scenario.", DefaultValueFactory = _ => new(layout.Rules) };
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder for the broker, the state and the logs; kept between runs, used by one host at a time.", DefaultValueFactory = _ => new(layout.Data) };
        var portBase = new Option<int>("--port-base") { Description = "First of the ports that are used, 1024 to 65000.", DefaultValueFactory = _ => Ports.Default };
        portBase.Validators.Add(RefuseOutOfRange);

        var dapr = new Option<string>("--dapr") { Description = "The sidecars: embedded, or daprd, the program that the environment variable DAPRD names (else the daprd of PATH).", HelpName = "embedded|daprd", DefaultValueFactory = _ => Embedded };
        dapr.AcceptOnlyFromAmong(Embedded, Daprd);
        var components = new Option<DirectoryInfo?>("--components") { Description = "Folder with the component files. Default components/embedded, or components/redis for daprd, which wants a Redis on localhost:6379." };

        var azure = new Option<bool>(Azure) { Description = "Run for a real workspace, without the simulator: settings and credentials come from the environment and --settings." };
        var settings = new Option<FileInfo?>("--settings") { Description = "With --azure: JSON file with settings of the services. Environment variables override it; secrets belong there." };
        var listen = new Option<string>("--listen") { Description = "With --azure: address on which the ingress listens besides 127.0.0.1; a proxy with TLS in front passes /events only.", DefaultValueFactory = _ => Loopback };
        listen.Validators.Add(RefuseNames);

        var command = new RootCommand(Description) { once, scenario, noScenario, report, rules, data, portBase, dapr, components, azure, settings, listen };
        command.Validators.Add(result => RefuseBesideAzure(result, azure, [once, scenario, report, noScenario, dapr], [settings, listen]));
        command.Validators.Add(result => RefuseWithoutScenario(result, noScenario, once, scenario, report));
        command.SetAction((parsed, stop) =>
        {
            var plan = ScenarioPlan.All.First(one => one.Name == parsed.GetValue(scenario));
            return run(CreateOptions(parsed, plan), stop);
        });
        return command;

        HostOptions CreateOptions(ParseResult parsed, ScenarioPlan plan) => new(
            parsed.GetValue(once),
            !parsed.GetValue(noScenario) && !parsed.GetValue(azure),
            parsed.GetValue(report)?.FullName,
            parsed.GetResult(rules) is { Implicit: false } ? parsed.GetRequiredValue(rules).FullName : layout.RulesOf(plan),
            parsed.GetRequiredValue(data).FullName,
            parsed.GetValue(portBase),
            parsed.GetValue(components)?.FullName ?? (parsed.GetRequiredValue(dapr) == Daprd ? layout.RedisComponents : layout.Components),
            parsed.GetRequiredValue(dapr) == Daprd ? Environment.GetEnvironmentVariable("DAPRD") is { Length: > 0 } program ? program : Daprd : null)
        {
            Azure = parsed.GetValue(azure) ? new AzureOptions(parsed.GetValue(settings)?.FullName, parsed.GetRequiredValue(listen)) : null,
            Scenario = plan,
        };
    }

    private static void RefuseOutOfRange(OptionResult result)
    {
        if (result.Tokens is [var token] && int.TryParse(token.Value, out var port) && port is < 1024 or > Ports.Last)
        {
            result.AddError("--port-base must be 1024 to 65000.");
        }
    }

    private static void RefuseNames(OptionResult result)
    {
        if (result.Tokens is [var token] && !IPAddress.TryParse(token.Value, out _))
        {
            result.AddError("--listen must be one IP address, such as 0.0.0.0.");
        }
    }

    private static void RefuseBesideAzure(CommandResult result, Option<bool> azure, IReadOnlyList<Option> excluded, IReadOnlyList<Option> required)
    {
        var isAzure = result.GetValue(azure);
        foreach (var option in (isAzure ? excluded : required).Where(option => result.GetResult(option) is { Implicit: false }))
        {
            result.AddError(isAzure ? $"{option.Name} does not go with --azure." : $"{option.Name} goes with --azure only.");
        }
    }

    private static void RefuseWithoutScenario(CommandResult result, Option<bool> noScenario, Option<bool> once, Option<string> scenario, Option<FileInfo?> report)
    {
        if (!result.GetValue(noScenario))
        {
            return;
        }

        if (result.GetValue(once) || result.GetResult(report) is not null || result.GetResult(scenario) is { Implicit: false })
        {
            result.AddError("--once, --scenario and --report are about the scenario; they do not go with --no-scenario.");
        }
    }
}
