using System.CommandLine;
using System.Text.Json;

using MLEvents.Local.Verify;

namespace MLEvents.Cli;

/// <summary><c>mlevents verify</c>: the promise's experiment, on this machine.</summary>
internal static class VerifyCommand
{
    private const string Description = """
        Puts the promise to the test on this machine: delivers events in disorder and more than once while processes are killed (SIGKILL), the mail
        server is down, Azure throttles, fails and hangs, and the disk is full; then counts what was done. Lost and doubled must be 0; a mail may come
        twice only if its action says so.

        Examples:
          mlevents verify
          mlevents verify --seed 7                         the same schedule of faults again
          mlevents verify --runs 20 --kills 30             the long form: 20 seeds
          mlevents verify --json > proof.json
        """;

    public static Command Create()
    {
        var seed = new Option<int?>("--seed") { Description = "Repeats an earlier schedule; by default a new one is drawn." };
        var runs = Number("--runs", "How many seeds, one after the other.", 1, 1, 1_000);
        var events = Number("--events", "How many different events.", 1_000, 1, 100_000);
        var kills = Number("--kills", "How many processes are killed.", 30, 0, 1_000);
        var replicas = Number("--replicas", "How many processes each subscribing service has.", 2, 1, 3);
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder for data and logs; made anew.", DefaultValueFactory = _ => new(Path.Combine(Path.GetTempPath(), "mlevents-verify")) };
        var json = new Option<bool>("--json") { Description = "Print the outcome as JSON." };
        var command = new Command("verify", Description) { seed, runs, events, kills, replicas, data, json };
        command.SetAction((parsed, stop) => RunAsync(
            new VerificationOptions(
                parsed.GetValue(seed) ?? Random.Shared.Next(1, 1_000_000),
                parsed.GetValue(events),
                parsed.GetValue(kills),
                TimeSpan.FromSeconds(2),
                parsed.GetValue(replicas),
                parsed.GetRequiredValue(data).FullName,
                TimeSpan.FromMinutes(5)),
            parsed.GetValue(runs),
            parsed.GetValue(json),
            parsed.InvocationConfiguration,
            stop));
        return command;
    }

    private static Option<int> Number(string name, string description, int usual, int least, int most)
    {
        var option = new Option<int>(name) { Description = $"{description} {least} to {most}.", DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var number) && (number < least || number > most))
            {
                result.AddError($"{name} must be {least} to {most}.");
            }
        });
        return option;
    }

    private static async Task<int> RunAsync(VerificationOptions options, int runs, bool json, InvocationConfiguration console, CancellationToken stop)
    {
        var reports = new List<VerificationReport>();
        for (var run = 0; run < runs; run++)
        {
            var one = options with { Seed = options.Seed + run };
            try
            {
                await TellAsync($"seed {one.Seed}: {one.Events} events, {one.Kills} kills");
                reports.Add(await Experiment.RunAsync(one, line => Tell(line), stop));
            }
            catch (InvalidOperationException fault)
            {
                await console.Error.WriteLineAsync($"The experiment broke off: {fault.Message} The logs are in {Path.Combine(one.Folder, "logs")}.");
                return ExitCodes.Unreachable;
            }

            await (json ? Task.CompletedTask : VerificationTable.WriteAsync(console.Output, reports[^1]));
            if (!reports[^1].Passed)
            {
                break;
            }
        }

        if (json)
        {
            await console.Output.WriteLineAsync(JsonSerializer.Serialize(reports, JsonSerializerOptions.Web));
        }

        return reports.TrueForAll(report => report.Passed) ? ExitCodes.Done : ExitCodes.Refused;

        void Tell(string line)
        {
            lock (reports)
            {
                console.Error.WriteLine(line);
            }
        }

        Task TellAsync(string line) => console.Error.WriteLineAsync(line.AsMemory(), stop);
    }
}
