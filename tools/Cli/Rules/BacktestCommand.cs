using System.CommandLine;

namespace MLEvents.Cli.Rules;

/// <summary><c>mlevents rules backtest</c>: what rules would have done with past events.</summary>
internal static class BacktestCommand
{
    private const string Description = """
        Runs past events through the rules of a folder, and counts how often each fires. With --against, also through the rules that they replace: then
        it shows what would change, rule by rule and event by event. Rules are the same when service and name are.

        Events are read one at a time, whatever their number, from a file or from all .json, .ndjson and .jsonl files of a folder: a JSON array, or one
        event a line; in Event Grid's schema or as CloudEvents.

        Examples:
          mlevents rules backtest rules --events archive/
          git worktree add ../main main && mlevents rules backtest rules --events events.ndjson --against ../main/rules

        Exit codes: 0 nothing changes (without --against: it has run); 1 something changes, or rules or events can't be read; 3 there is no such file or folder.
        """;

    public static Command Create()
    {
        var folder = RulesCommand.Folder();
        var events = new Option<string>("--events") { Description = "The past events: a file, or a folder of files.", Required = true, HelpName = "FILE|DIR" };
        var against = new Option<string?>("--against") { Description = "The rules that are replaced.", HelpName = "OLD_DIR" };
        var show = new Option<int>("--show") { Description = "How many changed events to name at most.", HelpName = "N", DefaultValueFactory = _ => 20 };
        return new Command("backtest", Description) { folder, events, against, show }.Does(async (parsed, terminal, cancellationToken) =>
        {
            var old = parsed.GetValue(against) is { } path ? RuleBook.ReadValid(path) : null;
            var backtest = new Backtest(RuleBook.ReadValid(parsed.GetRequiredValue(folder)), old, parsed.GetValue(show));
            var files = EventFile.FilesOf(parsed.GetRequiredValue(events));
            await terminal.RunAsync("reading events", files.Sum(file => file.Length), report => RunAsync(backtest, files, report, cancellationToken));
            await terminal.Output.WriteLineAsync(BacktestText.Write(backtest, terminal));
            return old is not null && backtest.Changed > 0 ? ExitCodes.Refused : ExitCodes.Done;
        });
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
