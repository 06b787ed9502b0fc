using System.CommandLine;
using System.CommandLine.Parsing;

using MLEvents.Cli.Rules.Flow;
using MLEvents.Rules.Reading;

namespace MLEvents.Cli.Rules;

/// <summary><c>mlevents rules backtest</c>: evaluates rules for past events.</summary>
internal static class BacktestCommand
{
    private const string Description = """
        Evaluates the rules of a folder for past events, and counts how often each rule fires. With --against, the command also evaluates the
        old rules of another folder, and shows the changes by rule and by event. Rules with the same service and name are compared.

        The command then simulates the keys 'once', 'cooldown', 'concurrency', 'budget' and 'throttle' as the services apply them. The times of the
        events are the clock, so the events must be in the order of their times. The result shows how many runs or messages there would have been. It also shows
        how many would have waited, how many would have been skipped or coalesced into another action, and how many would be in a digest.

        Events are read one at a time, so their number is not limited. They are in a file, or in all .json, .ndjson and .jsonl files of a folder: a JSON
        array, or one event on each line, in Event Grid's schema or as CloudEvents. Invalid events are reported and left out.

        Examples:
          mlevents rules backtest rules --events archive/
          mlevents rules backtest rules --events archive/ --rule fraud-on-drift --include-disabled --assume-duration 40m
          git worktree add ../main main && mlevents rules backtest rules --events events.ndjson --against ../main/rules

        Exit codes: 0 no changes (without --against: done); 1 changes, or rules or the JSON of a file are invalid, or the rule of --rule does not exist;
        3 a file or folder does not exist, or a folder contains no rule file or no file with events.
        """;

    public static Command Create()
    {
        var folder = RulesCommand.Folder();
        var events = new Option<string>("--events") { Description = "The past events: a file, or a folder of files.", Required = true, HelpName = "FILE|DIR" };
        var against = new Option<string?>("--against") { Description = "The folder with the old rules, for the comparison.", HelpName = "OLD_DIR" };
        var show = new Option<int>("--show") { Description = "The largest number of changed events to show.", HelpName = "N", DefaultValueFactory = _ => 20 };
        var rule = new Option<string?>("--rule") { Description = "Evaluate only this rule.", HelpName = "NAME" };
        var disabled = new Option<bool>("--include-disabled") { Description = "Treat rules with 'enabled: false' as enabled." };
        var duration = new Option<TimeSpan>("--assume-duration")
        {
            Description = "The assumed duration of a training or a roll-out, such as 40m, 2h or 1d.",
            HelpName = "TIME",
            DefaultValueFactory = _ => TimeSpan.FromHours(1),
            CustomParser = ParseDuration,
        };
        return new Command("backtest", Description) { folder, events, against, show, rule, disabled, duration }.Does(async (parsed, terminal, cancellationToken) =>
        {
            var (name, withDisabled) = (parsed.GetValue(rule), parsed.GetValue(disabled));
            var rules = LoadedRuleFiles.ReadValid(parsed.GetRequiredValue(folder)).Chosen(name, withDisabled);
            var old = parsed.GetValue(against) is { } path ? LoadedRuleFiles.ReadValid(path).Only(name, withDisabled) : null;
            var backtest = new Backtest(rules, old, parsed.GetValue(show), new FlowSimulation(rules.Rules, parsed.GetValue(duration)));
            var files = EventFile.FilesOf(parsed.GetRequiredValue(events));
            await terminal.RunAsync("reading events", files.Sum(file => file.Length), report => RunAsync(backtest, files, report, cancellationToken));
            backtest.Flow.Finish();
            await terminal.Output.WriteLineAsync(BacktestText.Write(backtest, terminal));
            return old is not null && backtest.Changed > 0 ? ExitCodes.Refused : ExitCodes.Done;
        });
    }

    private static TimeSpan ParseDuration(ArgumentResult result)
    {
        var text = result.Tokens[^1].Value;
        if (Duration.Parse(text) is { } duration)
        {
            return duration;
        }

        result.AddError($"'{text}' is not a time; write a whole number of minutes (m), hours (h) or days (d), such as 40m.");
        return TimeSpan.Zero;
    }

    private static async Task RunAsync(Backtest backtest, IReadOnlyList<FileInfo> files, Action<long> report, CancellationToken cancellationToken)
    {
        var finished = 0L;
        foreach (var file in files)
        {
            await foreach (var found in EventFile.ReadAsync(file, read => report(finished + read), cancellationToken))
            {
                if (found.Event is { } workflowEvent)
                {
                    backtest.Add(workflowEvent);
                }
                else
                {
                    backtest.Skip(found.Error);
                }
            }

            finished += file.Length;
        }
    }
}
