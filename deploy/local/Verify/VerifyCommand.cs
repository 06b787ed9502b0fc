using System.CommandLine;
using System.CommandLine.Parsing;

namespace MLEvents.Local.Verify;

/// <summary>The command line of the verification.</summary>
internal static class VerifyCommand
{
    private const string Description = """
        Verifies on this machine that no event is lost and no action is duplicated. It delivers events out of order and more than once while
        processes are killed (SIGKILL), the mail server is down, Azure throttles, fails and hangs, and the disk is full. Then it counts the actions.
        The verification passes if no action is lost or duplicated. Only a mail may be duplicated, if its action reports the duplicate.

        With '--rollouts N', it rolls out two versions of each of N models instead: canaries, models that fail under load, and roll-outs with an
        approval. It passes if all traffic changes follow the rules, no deployment was created twice, and no deployment was deleted while it had
        traffic.
        With '--storm', two monitors report drift instead; '--events' sets the number of reports. It passes if the limits of the rule hold (at most
        three training jobs, one at a time) and every event is accounted for.
        With '--dapr daprd', each service has a daprd. The program redis-server of PATH is started as their broker and state store. The daprds and
        Redis are also killed.

        Examples:
          dotnet run --project deploy/local/Verify
          dotnet run --project deploy/local/Verify -- --seed 7                 repeat a schedule of faults
          dotnet run --project deploy/local/Verify -- --runs 20 --kills 30     the long form: 20 seeds
          dotnet run --project deploy/local/Verify -- --rollouts 6
          dotnet run --project deploy/local/Verify -- --storm --events 200
          DAPRD=/opt/daprd dotnet run --project deploy/local/Verify -- --dapr daprd
          dotnet run --project deploy/local/Verify -- --json > report.json

        Exit codes: 0 passed; 1 an action was lost, a duplicate was not reported, or a rule was not followed; 2 the command line is invalid; 3 the verification could not start or complete.
        """;

    private const string Embedded = "embedded";
    private const string Daprd = "daprd";
    private static readonly TimeSpan KillEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SettleTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Parses the command line and runs the verification.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var parsed = Create().Parse(args);
        if (parsed.Errors is [var first, ..])
        {
            await error.WriteLineAsync($"{first.Message.ReplaceLineEndings(" ")} --help lists the options.");
            return ExitCodes.Usage;
        }

        return await parsed.InvokeAsync(new() { Output = output, Error = error });
    }

    private static RootCommand Create()
    {
        var seed = new Option<int?>("--seed") { Description = "Repeats the schedule of an earlier run. Default: a random seed." };
        var runs = Number("--runs", "Number of seeds to run, one after the other.", 1, 1, 1_000);
        var events = Number("--events", "Number of different events. Ignored with --rollouts.", 1_000, 1, 100_000);
        var rollouts = Number("--rollouts", "Number of models to roll out, two versions each. With 0, no model is rolled out.", 0, 0, 100);
        var storm = new Option<bool>("--storm") { Description = "Run the storm workload: two monitors report drift. --events sets the number of events." };
        var kills = Number("--kills", "Number of processes to kill.", 30, 0, 1_000);
        var replicas = Number("--replicas", "Number of processes that the notifier, the retrainer and the deployer have each.", 2, 1, 3);
        var dapr = DaprOption();
        var components = new Option<DirectoryInfo?>("--components") { Description = "Folder with the component files for daprd. The address localhost:6379 in them is replaced with the address of the run's Redis. Default: components/redis." };
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder for data and logs. It is deleted first.", DefaultValueFactory = _ => new(Path.Combine(Path.GetTempPath(), "mlevents-verify")) };
        var json = new Option<bool>("--json") { Description = "Print the reports as JSON." };
        var command = new RootCommand(Description) { seed, runs, events, rollouts, storm, kills, replicas, dapr, components, data, json };
        command.Validators.Add(result => RefuseCombinations(result, storm, rollouts, dapr, components));
        command.SetAction((parsed, cancellationToken) =>
        {
            var options = new VerificationOptions(
                parsed.GetValue(seed) ?? Random.Shared.Next(1, 1_000_000),
                parsed.GetValue(rollouts) is > 0 and var models ? models : parsed.GetValue(events),
                parsed.GetValue(kills),
                KillEvery,
                parsed.GetValue(replicas),
                parsed.GetRequiredValue(data).FullName,
                SettleTimeout)
            {
                Kind = parsed.GetValue(rollouts) > 0 ? WorkloadKind.Rollouts : parsed.GetValue(storm) ? WorkloadKind.Storm : WorkloadKind.Actions,
                Daprd = parsed.GetValue(dapr) == Daprd ? DaprdProgram() : null,
            };
            options = parsed.GetValue(components) is { } folder ? options with { Components = folder.FullName } : options;
            var console = parsed.InvocationConfiguration;
            return new VerificationRuns(options, parsed.GetValue(runs), console.Output, console.Error).RunAsync(parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static void RefuseCombinations(CommandResult result, Option<bool> storm, Option<int> rollouts, Option<string> dapr, Option<DirectoryInfo?> components)
    {
        if (result.GetValue(storm) && result.GetValue(rollouts) > 0)
        {
            result.AddError("--rollouts and --storm cannot be combined.");
        }

        if (result.GetValue(components) is not null && result.GetValue(dapr) != Daprd)
        {
            result.AddError("--components can be used only with --dapr daprd.");
        }
    }

    private static Option<string> DaprOption()
    {
        var option = new Option<string>("--dapr")
        {
            Description = $"The sidecars. {Daprd} is the program that the environment variable DAPRD names, or {Daprd} in PATH if the variable is not set.",
            HelpName = $"{Embedded}|{Daprd}",
            DefaultValueFactory = _ => Embedded,
        };
        option.AcceptOnlyFromAmong(Embedded, Daprd);
        return option;
    }

    private static string DaprdProgram() => Environment.GetEnvironmentVariable("DAPRD") is { Length: > 0 } program ? program : Daprd;

    private static Option<int> Number(string name, string description, int defaultValue, int min, int max)
    {
        var option = new Option<int>(name) { Description = $"{description} Range: {min} to {max}.", DefaultValueFactory = _ => defaultValue };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var number) && (number < min || number > max))
            {
                result.AddError($"{name} must be {min} to {max}, not {number}.");
            }
        });
        return option;
    }
}
