using System.Diagnostics;
using System.Globalization;
using System.Text;

using MLEvents.Cli;

namespace MLEvents.Benchmarks;

/// <summary>Measures the time and the memory of <c>mlevents rules backtest</c> for many events.</summary>
internal static class BacktestSpeed
{
    private const int Rules = 100;

    public static async Task RunAsync(Plan plan, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync("## Backtest\n");
        var table = new MarkdownTable("events", "rules, old and new", "seconds", "memory in use at most, MiB");
        foreach (var events in new[] { 10_000, 100_000 })
        {
            await AddAsync(table, events, cancellationToken);
        }

        await table.WriteAsync(output);
    }

    private static async Task AddAsync(MarkdownTable table, int events, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("mlevents-backtest-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "alerts.yaml"), Yaml(), cancellationToken);
            await File.WriteAllLinesAsync(Path.Combine(folder.FullName, "events.ndjson"), Enumerable.Range(0, events).Select(SpeedEvents.Json), cancellationToken);
            using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var peak = WatchMemoryAsync(watching.Token);
            var start = Stopwatch.GetTimestamp();
            using StringWriter said = new(CultureInfo.InvariantCulture), wrong = new(CultureInfo.InvariantCulture);
            var code = await MlEventsCommand.RunAsync(["rules", "backtest", folder.FullName, "--events", Path.Combine(folder.FullName, "events.ndjson"), "--against", folder.FullName], said, wrong);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            await watching.CancelAsync();
            if (code != 0)
            {
                throw new InvalidOperationException($"The backtest ended with {code}: {wrong}");
            }

            table.Add(Whole(events), $"2 x {Rules}", seconds.ToString("0.0", CultureInfo.InvariantCulture), Whole(await peak >> 20));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<long> WatchMemoryAsync(CancellationToken cancellationToken)
    {
        long peak = 0;
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while (!cancellationToken.IsCancellationRequested)
        {
            peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false));
            await poll.WaitForNextTickAsync(CancellationToken.None);
        }

        return peak;
    }

    private static string Yaml()
    {
        var text = new StringBuilder("alerts:\n");
        for (var n = 0; n < Rules; n++)
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                - name: r{{n}}
                  when:
                    includedEventTypes: [RunCompleted]
                    advancedFilters:
                    - { operatorType: StringIn, key: data.experimentName, values: [churn] }
                    - { operatorType: StringContains, key: data.runTags.stage, values: [prod] }
                    - { operatorType: StringEndsWith, key: data.runId, values: ["{{n:00}}"] }
                  send: { channel: x, forward: true }

                """);
        }

        return text.ToString();
    }

    private static string Whole(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
