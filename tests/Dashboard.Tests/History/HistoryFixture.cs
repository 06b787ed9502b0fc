using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Recording;
using MLEvents.Events;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.History;

/// <summary>A migrated history with its writer, without the service.</summary>
internal sealed class HistoryFixture : IAsyncDisposable
{
    private readonly HistoryWriter _writer;

    private HistoryFixture(HistoryOptions options)
    {
        var wrapped = Options.Create(options);
        Database = new HistoryDatabase(wrapped);
        Queries = new HistoryQueries(Database);
        Approvals = new ApprovalQueries(Database);
        Load = new LoadQueries(Database);
        Rules = new RuleQueries(Database);
        Retention = new HistoryRetention(Database, wrapped, Time, NullLogger<HistoryRetention>.Instance);
        _writer = new HistoryWriter(Database, Signal, wrapped, TimeProvider.System, NullLogger<HistoryWriter>.Instance);
    }

    public static DateTimeOffset Noon { get; } = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    public FakeTimeProvider Time { get; } = new(Noon);

    public HistoryDatabase Database { get; }

    public HistoryQueries Queries { get; }

    public ApprovalQueries Approvals { get; }

    public LoadQueries Load { get; }

    public RuleQueries Rules { get; }

    public HistoryRetention Retention { get; }

    public HistorySignal Signal { get; } = new();

    public static async Task<HistoryFixture> StartAsync(HistoryOptions options, CancellationToken cancellationToken)
    {
        var fixture = new HistoryFixture(options);
        await fixture.Database.MigrateAsync(cancellationToken);
        await fixture._writer.StartAsync(cancellationToken);
        return fixture;
    }

    public Task WriteAsync(HistoryEntry entry, CancellationToken cancellationToken) => _writer.WriteAsync(entry, cancellationToken);

    public Task AddAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken) => WriteAsync(EventEntries.From(workflowEvent, Time.GetUtcNow()), cancellationToken);

    /// <summary>Adds a change of an action, by default of the rule <c>churn</c>.</summary>
    public Task ChangeAsync(string action, string status, int attempt, int second, CancellationToken cancellationToken, string chain = "drift-1", WorkflowEvent? cause = null, string rule = "churn")
    {
        var changed = new ActionChanged("retrainer", rule, action, status, "", attempt, chain, EventReference.To(cause ?? SampleEvents.Create("DatasetDriftDetected", id: "drift-1")), $"at {second}", new Dictionary<string, Uri>());
        return WriteAsync(ActivityEntries.From($"{action}-{status}--{attempt}", changed, Noon.AddSeconds(second)), cancellationToken);
    }

    /// <summary>Adds a question about an action, asked at noon and open for an hour.</summary>
    public Task AskAsync(string action, int generation, CancellationToken cancellationToken) => WriteAsync(
        ApprovalEntries.From(
            new("retrainer", "churn", action, generation, "drift-1", new("drift-1", "DatasetDriftDetected", "", "/ws"), ["ann@example.com"], "start", new Dictionary<string, string> { ["job"] = "j1" }, Noon.AddHours(1), "reject", 1, new Dictionary<string, Uri>()),
            Noon),
        cancellationToken);

    /// <summary>Adds a decision about the question of an action.</summary>
    public Task DecideAsync(string action, int generation, int number, bool isFinal, CancellationToken cancellationToken) => WriteAsync(
        ApprovalEntries.From(
            $"{action}-{generation}-decision-{number}",
            new("retrainer", "churn", action, generation, "drift-1", new("drift-1", "DatasetDriftDetected", "", "/ws"), "approved", $"person-{number}", "fine", Noon.AddMinutes(number), isFinal)),
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _writer.StopAsync(CancellationToken.None);
        _writer.Dispose();
        Retention.Dispose();
        Database.Dispose();
    }
}
