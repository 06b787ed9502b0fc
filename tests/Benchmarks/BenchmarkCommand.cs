using System.CommandLine;

using MLEvents.Benchmarks.Peers;

namespace MLEvents.Benchmarks;

/// <summary>The command line of the benchmarks.</summary>
internal static class BenchmarkCommand
{
    private const string All = "all";

    private static readonly Dictionary<string, Func<Plan, TextWriter, CancellationToken, Task>> Benchmarks = new()
    {
        ["throughput"] = Throughput.RunAsync,
        ["latency"] = Latency.RunAsync,
        ["memory"] = Footprint.RunAsync,
        ["loop"] = Loop.RunAsync,
        ["load"] = Load.RunAsync,
        ["rules"] = RuleSpeed.RunAsync,
        ["backtest"] = BacktestSpeed.RunAsync,
        ["peers"] = PeerComparison.RunAsync,
        ["history"] = HistorySpeed.RunAsync,
        ["growth"] = Growth.RunAsync,
    };

    public static RootCommand Create(TextWriter output)
    {
        var which = new Argument<string>("which") { Description = "What to measure.", DefaultValueFactory = _ => All };
        which.AcceptOnlyFromAmong([.. Benchmarks.Keys, All]);
        var rounds = Number("--rounds", 5, 1, 100, "Measured rounds of 'throughput', after one warm-up round.");
        var samples = Number("--samples", 300, 10, 900, "Events whose latency is measured.");
        var rest = Number("--rest", 20, 2, 600, "Seconds of the measurement at rest, which begins after a wait of the same length.");
        var runs = Number("--runs", 3, 1, 100, "Runs of 'loop', and starts of the dashboard in 'history'.");
        var events = Number("--events", 50_000, 1_000, 50_000, "Events of 'load'.");
        var load = Number("--load", 8, 1, 600, "Seconds of each load of 'peers' and 'growth'.");
        var portBase = Number("--port-base", 6200, 1024, 65000, "First port of 'loop', of 'load', and of the host and daprd in 'peers'; see the host's option --port-base.");

        var command = new RootCommand("""
            Measures the services, the embedded sidecar and the local loop, and prints Markdown.

            Examples, from the repository's root:
              dotnet run -c Release --project tests/Benchmarks
              dotnet run -c Release --project tests/Benchmarks -- throughput --rounds 9
              dotnet run -c Release --project tests/Benchmarks -- memory --rest 60
              dotnet run -c Release --project tests/Benchmarks -- rules
              dotnet run -c Release --project tests/Benchmarks -- peers --load 20
            """)
        { which, rounds, samples, rest, runs, events, portBase, load };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(which),
            new Plan(parsed.GetValue(rounds), parsed.GetValue(samples), TimeSpan.FromSeconds(parsed.GetValue(rest)), parsed.GetValue(runs), parsed.GetValue(events), parsed.GetValue(portBase), TimeSpan.FromSeconds(parsed.GetValue(load))),
            output,
            cancellationToken));
        return command;
    }

    private static async Task RunAsync(string which, Plan plan, TextWriter output, CancellationToken cancellationToken)
    {
        await Machine.WriteAsync(which, output);
        foreach (var (_, run) in Benchmarks.Where(benchmark => which == All || which == benchmark.Key))
        {
            await run(plan, output, cancellationToken);
        }
    }

    private static Option<int> Number(string name, int byDefault, int min, int max, string description)
    {
        var option = new Option<int>(name) { Description = $"{description} {min} to {max}.", DefaultValueFactory = _ => byDefault };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value && (value < min || value > max))
            {
                result.AddError($"{name} must be {min} to {max}.");
            }
        });
        return option;
    }
}
