using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

using MLEvents.Dashboard;
using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Recording;
using MLEvents.Events;

namespace MLEvents.Benchmarks;

/// <summary>
/// Measures how fast the dashboard writes and reads a history of a million events.
/// The database is SQLite, or the empty PostgreSQL database of the connection string in MLEVENTS_HISTORY_POSTGRESQL.
/// </summary>
/// <remarks>
/// The events are spread over 30 days. Every tenth event causes an action of one of 20 rules. Each action has three changes.
/// In its second change, every tenth action waits, and the other actions run.
/// </remarks>
internal static class HistorySpeed
{
    private const int Events = 1_000_000;
    private const int Actions = 100_000;
    private const int Changes = 3;
    private const int MaxConcurrency = 5_000;
    private const int Reads = 21;

    private static readonly TimeSpan Days = TimeSpan.FromDays(30);

    // Static members are initialized in order. Pages uses this member, so this member must come first.
    private static readonly DateTimeOffset Start = TimeProvider.System.GetUtcNow();

    private static readonly string Key = EventKey.From(SourceOf(500_000), "event-500000");

    private static readonly (string Name, string Path)[] Pages =
    [
        ("Now", "/"),
        ("Events, the latest", "/events"),
        ("Events, data path with 1 hit", "/events?data=data.runId%20%3D%20run-500000"),
        ("Events, data path with 500,000 hits", "/events?data=data.runStatus%20%3D%20Failed"),
        ("Events, words with 1 hit", "/events?text=run%20500000"),
        ("Events, type and workspace", "/events?type=RunStatusChanged&workspace=ml-3"),
        ("Events, subject with 1 hit", "/events?subject=experiments%2Fchurn%2Fruns%2Frun-500000"),
        ("Events, subject with a prefix", "/events?subject=experiments%2Fchurn%2Fruns%2Frun-50000*"),
        ("Events, an hour of the past", $"/events?from={Hour(-240)}&to={Hour(-239)}"),
        ("Event with its explanation", $"/events/{Key}"),
        ("Chains", "/chains"),
        ("Chain", "/chain?id=event-500000"),
        ("Models", "/models"),
        ("Model", "/model?name=churn"),
        ("Actions", "/actions"),
        ("Actions, failed", "/actions?status=failed"),
        ("Actions of a rule", "/actions?service=retrainer&rule=rule-7"),
        ("Action", "/actions/action-50000"),
        ("Approvals", "/approvals"),
        ("Bulk retry, before the confirmation", "/bulk?operation=retry&status=failed"),
        ("Rules", "/rules"),
        ("Rules of a service", "/rules/retrainer"),
        ("Playground", "/playground"),
        ("Storm view, 6 hours", "/storm?hours=6"),
        ("Storm view, 24 hours", "/storm"),
        ("Storm view, 7 days", "/storm?hours=168"),
        ("Storm view, 30 days", "/storm?hours=720"),
        ("Audit", "/audit"),
    ];

    public static async Task RunAsync(Plan plan, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync("## History\n");
        var folder = Directory.CreateTempSubdirectory("mlevents-history-");
        try
        {
            var file = Path.Combine(folder.FullName, "dashboard.db");
            await using var app = await StartAsync(file, cancellationToken);
            var writes = new MarkdownTable("entries", "seconds", "entries/s", "database, MiB");
            var writer = app.Services.GetRequiredService<HistoryWriter>();
            await writer.WriteAsync(Rules(), cancellationToken);
            await WriteAsync(writes, "changes of actions", Actions * Changes, app, Action, cancellationToken);
            await WriteAsync(writes, "events", Events, app, Event, cancellationToken);
            await writes.WriteAsync(output);
            await ReadAsync(app, output, cancellationToken);
            await app.StopAsync(cancellationToken);
            await HistoryFirstPage.RunAsync(plan, file, output, cancellationToken);
            await DeleteAndWriteAsync(file, output, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<WebApplication> StartAsync(string file, CancellationToken cancellationToken)
    {
        var app = DashboardService.Create(["--environment", "Development"], builder => Configure(builder, file));
        await app.StartAsync(cancellationToken);
        await app.Services.GetRequiredService<HistoryDatabase>().Ready.WaitAsync(cancellationToken);
        return app;
    }

    private static void Configure(WebApplicationBuilder builder, string file)
    {
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["History:File"] = file,
            ["History:PostgreSql"] = Environment.GetEnvironmentVariable("MLEVENTS_HISTORY_POSTGRESQL"),
            ["History:WriteTimeout"] = "00:01:00",
        });
    }

    private static async Task WriteAsync(MarkdownTable table, string name, int count, WebApplication app, Func<int, HistoryEntry> create, CancellationToken cancellationToken)
    {
        var writer = app.Services.GetRequiredService<HistoryWriter>();
        var start = Stopwatch.GetTimestamp();
        for (var from = 0; from < count; from += MaxConcurrency)
        {
            await Task.WhenAll(Enumerable.Range(from, Math.Min(MaxConcurrency, count - from)).Select(number => writer.WriteAsync(create(number), cancellationToken)));
        }

        await AddAsync(table, $"{Whole(count)} {name}", count, start, app, cancellationToken);
    }

    // The retention deletes the older half of the history. Then the same number of new events is written, to show whether the database reuses the space.
    private static async Task DeleteAndWriteAsync(string file, TextWriter output, CancellationToken cancellationToken)
    {
        await using var app = await StartAsync(file, cancellationToken);
        var retention = new HistoryRetention(
            app.Services.GetRequiredService<HistoryDatabase>(), Options.Create(new HistoryOptions { Retention = Days / 2 }), TimeProvider.System, NullLogger<HistoryRetention>.Instance);
        var table = new MarkdownTable("entries", "seconds", "entries/s", "database, MiB");
        var start = Stopwatch.GetTimestamp();
        var deleted = await retention.DeleteAsync(cancellationToken);
        await AddAsync(table, $"{Whole(deleted)} events and actions deleted", deleted, start, app, cancellationToken);
        await WriteAsync(table, "new events", Events / 2, app, number => Event(Events + number), cancellationToken);
        await table.WriteAsync(output);
        await app.StopAsync(cancellationToken);
    }

    private static async Task AddAsync(MarkdownTable table, string name, int count, long start, WebApplication app, CancellationToken cancellationToken)
    {
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        table.Add(name, seconds.ToString("0.0", CultureInfo.InvariantCulture), Whole((long)(count / seconds)), Whole(await HistorySize.ReadAsync(app, cancellationToken) >> 20));
    }

    private static async Task ReadAsync(WebApplication app, TextWriter output, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var table = new MarkdownTable("page", "first, ms", "median, ms", "slowest of the rest, ms");
        foreach (var (name, path) in Pages)
        {
            var times = new List<double>();
            for (var read = 0; read < Reads; read++)
            {
                var start = Stopwatch.GetTimestamp();
                await http.GetStringAsync(new Uri(path, UriKind.Relative), cancellationToken);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            var rest = times.Skip(1).Order().ToList();
            table.Add(name, Whole((long)times[0]), Whole((long)rest[rest.Count / 2]), Whole((long)rest[^1]));
        }

        await table.WriteAsync(output);
        await output.WriteLineAsync($"Managed memory after the reads: {Whole(GC.GetTotalMemory(forceFullCollection: true) >> 20)} MiB.\n");
    }

    private static EventEntry Event(int number)
    {
        // One event in a thousand registers a version of a model.
        var (type, model) = number % 1000 == 1 ? (EventTypes.ModelRegistered, $$""" "modelName": "churn", "modelVersion": "{{number}}", """) : (EventTypes.RunStatusChanged, "");
        using var document = JsonDocument.Parse($$"""
            {
              "specversion": "1.0", "id": "event-{{number}}", "source": "{{SourceOf(number)}}",
              "type": "{{type}}", "subject": "experiments/churn/runs/run-{{number}}", "time": "{{TimeOf(number):O}}",
              "data": { {{model}}"experimentName": "churn", "runId": "run-{{number}}", "runStatus": "{{(number % 2 == 0 ? "Failed" : "Completed")}}", "runTags": { "team": "t{{number % 100}}" } }
            }
            """);
        return WorkflowEvent.TryRead(document.RootElement, out var read, out var error) ? EventEntries.From(read, TimeOf(number)) : throw new InvalidOperationException(error);
    }

    private static ActionEntry Action(int number)
    {
        var (action, change) = (number / Changes, number % Changes);
        var cause = action * (Events / Actions);
        var status = change switch { 0 => "accepted", 1 => action % 10 == 0 ? "waiting" : "running", _ => action % 5 == 0 ? "failed" : "succeeded" };
        return ActivityEntries.From(
            $"activity-{number}",
            new ActionChanged("retrainer", $"rule-{action % 20}", $"action-{action}", status, "", 1, $"event-{cause}", new EventReference($"event-{cause}", EventTypes.RunStatusChanged, $"experiments/churn/runs/run-{cause}", SourceOf(cause)), "why", new Dictionary<string, Uri>()) { RuleVersion = "v1" },
            TimeOf(cause).AddSeconds(1 + (change * 7)));
    }

    private static RulesEntry Rules()
    {
        var rules = string.Join('\n', Enumerable.Range(0, 20).Select(number => $"  - {{ name: rule-{number}, when: {{ includedEventTypes: [RunStatusChanged] }}, run: {{ job: jobs/churn.yaml }} }}"));
        return new(
            new RuleLoad { Id = "load-1", Service = "retrainer", Version = "v1", At = Start.AddDays(-60) },
            [
                new StoredRuleFile { Service = "retrainer", Version = "v1", Path = "retraining.yaml", Content = $"retraining:\n{rules}\n" },
                new StoredRuleFile { Service = "retrainer", Version = "v1", Path = "jobs/churn.yaml", Content = "command: python train.py\nenvironment: azureml:train:1\ncompute: azureml:cpu-cluster\n" },
            ]);
    }

    private static DateTimeOffset TimeOf(int number) => Start - Days + (Days * ((double)number / Events));

    private static string SourceOf(int number) => $"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ml-{number % 5}";

    private static string Hour(int offset) => Start.AddHours(offset).ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);

    private static string Whole(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
