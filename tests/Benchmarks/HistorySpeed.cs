using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

using MLEvents.Dashboard;
using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Recording;
using MLEvents.Events;

namespace MLEvents.Benchmarks;

/// <summary>How fast the dashboard writes and reads a history of a million events in SQLite.</summary>
internal static class HistorySpeed
{
    private const int Events = 1_000_000;
    private const int Actions = 50_000;
    private const int MaxConcurrency = 5_000;
    private const int Reads = 21;

    private static readonly (string Name, string Path)[] Pages =
    [
        ("Now", "/"),
        ("Events, the latest", "/events"),
        ("Events, data path with 1 hit", "/events?data=data.runId%20%3D%20run-500000"),
        ("Events, data path with 500,000 hits", "/events?data=data.runStatus%20%3D%20Failed"),
        ("Events, words with 1 hit", "/events?text=run%20500000"),
        ("Actions, failed", "/actions?status=failed"),
    ];

    public static async Task RunAsync(Plan plan, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync("## History\n");
        var folder = Directory.CreateTempSubdirectory("mlevents-history-");
        try
        {
            var file = Path.Combine(folder.FullName, "dashboard.db");
            await using var app = DashboardService.Create(["--environment", "Development"], builder => Configure(builder, file));
            await app.StartAsync(cancellationToken);
            await app.Services.GetRequiredService<HistoryDatabase>().Ready.WaitAsync(cancellationToken);
            var writes = new MarkdownTable("entries", "seconds", "entries/s", "file, MiB");
            var writer = app.Services.GetRequiredService<HistoryWriter>();
            await WriteAsync(writes, "actions", Actions, writer, Action, file, cancellationToken);
            await WriteAsync(writes, "events", Events, writer, Event, file, cancellationToken);
            await writes.WriteAsync(output);
            await ReadAsync(app, output, cancellationToken);
            await app.StopAsync(cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Configure(WebApplicationBuilder builder, string file)
    {
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["History:File"] = file, ["History:WriteTimeout"] = "00:01:00" });
    }

    private static async Task WriteAsync(MarkdownTable table, string name, int count, HistoryWriter writer, Func<int, HistoryEntry> create, string file, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        for (var from = 0; from < count; from += MaxConcurrency)
        {
            await Task.WhenAll(Enumerable.Range(from, Math.Min(MaxConcurrency, count - from)).Select(number => writer.WriteAsync(create(number), cancellationToken)));
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        table.Add($"{Whole(count)} {name}", seconds.ToString("0.0", CultureInfo.InvariantCulture), Whole((long)(count / seconds)), Whole(new FileInfo(file).Length >> 20));
    }

    private static async Task ReadAsync(WebApplication app, TextWriter output, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var table = new MarkdownTable("page", "median, ms", "slowest, ms");
        foreach (var (name, path) in Pages)
        {
            var times = new List<double>();
            for (var read = 0; read < Reads; read++)
            {
                var start = Stopwatch.GetTimestamp();
                await http.GetStringAsync(new Uri(path, UriKind.Relative), cancellationToken);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            times.Sort();
            table.Add(name, Whole((long)times[Reads / 2]), Whole((long)times[^1]));
        }

        await table.WriteAsync(output);
        await output.WriteLineAsync($"Managed memory after the reads: {Whole(GC.GetTotalMemory(forceFullCollection: true) >> 20)} MiB.\n");
    }

    private static EventEntry Event(int number)
    {
        using var document = JsonDocument.Parse($$"""
            {
              "specversion": "1.0", "id": "event-{{number}}",
              "source": "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ml-{{number % 5}}",
              "type": "{{EventTypes.RunStatusChanged}}", "subject": "experiments/churn/runs/run-{{number}}", "time": "2026-11-01T12:00:00Z",
              "data": { "experimentName": "churn", "runId": "run-{{number}}", "runStatus": "{{(number % 2 == 0 ? "Failed" : "Completed")}}", "runTags": { "team": "t{{number % 100}}" } }
            }
            """);
        return WorkflowEvent.TryRead(document.RootElement, out var read, out var error) ? EventEntries.From(read, TimeProvider.System.GetUtcNow()) : throw new InvalidOperationException(error);
    }

    private static ActionEntry Action(int number) => ActivityEntries.From(
        $"activity-{number}",
        new ActionChanged("retrainer", "churn", $"action-{number / 3}", (number % 3) switch { 0 => "accepted", 1 => "running", _ => "failed" }, "", 1, $"chain-{number / 3}", new EventReference($"event-{number / 3}", EventTypes.RunStatusChanged, "runs/1", "s"), "why", new Dictionary<string, Uri>()),
        TimeProvider.System.GetUtcNow());

    private static string Whole(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
