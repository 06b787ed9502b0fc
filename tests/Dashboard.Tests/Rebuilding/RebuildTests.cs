using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Rebuilding;
using MLEvents.Dashboard.Tests.History;
using MLEvents.Dashboard.Tests.Operating;
using MLEvents.Events;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.Rebuilding;

/// <summary>The command <c>--rebuild</c> with SQLite and with PostgreSQL.</summary>
public sealed class RebuildTests(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>, IAsyncLifetime
{
    private const string Failed = "00112233445566778899";
    private const string Asking = "aa112233445566778899";

    private const string Actions = $$"""
        {
          "items": [
            {
              "id": "{{Failed}}", "service": "retrainer", "rule": "train", "ruleVersion": "v1", "status": "failed", "stage": "", "attempt": 2, "generation": 1, "correlationId": "drift-1",
              "event": { "id": "drift-1", "type": "Microsoft.MachineLearningServices.DatasetDriftDetected", "subject": "datadrift/churn", "source": "/ws" },
              "detail": "Azure answered 409", "links": { "studio": "https://ml.azure.com/" }, "createdAt": "2026-11-28T10:00:00+00:00", "updatedAt": "2026-11-28T11:00:00+00:00"
            }
          ],
          "continuation": "more"
        }
        """;

    private const string Further = $$"""
        {
          "items": [
            {
              "id": "{{Asking}}", "service": "retrainer", "rule": "train", "status": "waiting", "stage": "awaiting-approval", "attempt": 1, "generation": 0, "correlationId": "drift-2",
              "event": { "id": "drift-2", "type": "Microsoft.MachineLearningServices.DatasetDriftDetected", "subject": "datadrift/churn", "source": "/ws" },
              "detail": null, "links": {}, "createdAt": "2026-11-28T10:00:00+00:00", "updatedAt": "2026-11-28T10:00:01+00:00"
            },
            { "id": "bb112233445566778899", "service": "retrainer", "rule": "train", "ruleVersion": "v1", "status": "unknown", "stage": "", "attempt": 1, "generation": 0, "correlationId": "c", "links": {}, "createdAt": "2026-11-28T10:00:00+00:00", "updatedAt": "2026-11-28T10:00:01+00:00" }
          ],
          "continuation": null
        }
        """;

    private const string Questions = $$"""
        {
          "items": [
            {
              "id": "{{Asking}}", "service": "retrainer", "rule": "train", "generation": 0, "correlationId": "drift-2", "status": "open", "before": "start", "from": ["ann@example.com"], "required": 1,
              "decisions": [], "evidence": { "job": "j1" }, "askedAt": "2026-11-28T10:00:01+00:00", "expiresAt": "2036-11-28T10:00:00+00:00", "onTimeout": "reject",
              "event": { "id": "drift-2", "type": "Microsoft.MachineLearningServices.DatasetDriftDetected", "subject": "datadrift/churn", "source": "/ws" }, "links": {}
            }
          ],
          "continuation": null
        }
        """;

    private readonly TempFolder _folder = new();
    private readonly FakeService _retrainer = new();
    private readonly FakeService _empty = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Archive => Path.Combine(_folder.Path, "archive");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Archive);
        await _retrainer.StartAsync(Token);
        await _empty.StartAsync(Token);
        _empty.Answers["GET /actions?limit=200"] = _empty.Answers["GET /approvals?limit=200"] = (200, """{"items": [], "continuation": null}""");
        _retrainer.Answers["GET /actions?limit=200"] = (200, Actions);
        _retrainer.Answers["GET /actions?limit=200&continuation=more"] = (200, Further);
        _retrainer.Answers["GET /approvals?limit=200"] = (200, Questions);
    }

    public async ValueTask DisposeAsync()
    {
        await _retrainer.DisposeAsync();
        await _empty.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_archive_and_the_ledgers_fill_an_empty_history_and_a_repetition_adds_nothing(bool postgreSql)
    {
        var options = await CreateAsync(postgreSql);
        var now = TimeProvider.System.GetUtcNow();
        Write("b.json", Event("later", now.AddHours(-1)));
        Write("a.json", $"[{Event("earlier", now.AddHours(-2))},{Event("expired", now.AddDays(-200))}]");
        Write("sub/lines.ndjson", $"{Event("first", now.AddHours(-3))}\n\n{Changed(now)}\n");
        Write(".hidden", "not part of the archive");

        var (code, output) = await RunAsync(options);
        var (again, _) = await RunAsync(options);

        Assert.Equal((0, 0), (code, again));
        Assert.Contains("archive: 4 events stored, 1 older than the retention, 0 unreadable", output, StringComparison.Ordinal);
        Assert.Contains("retrainer: 3 actions and 1 question read", output, StringComparison.Ordinal);

        // One request of each run is for the deployer. The notifier has no such route.
        Assert.Equal(2, _empty.Requests.All.Count(request => request == "GET /approvals?limit=200"));
        await using var history = await HistoryFixture.StartAsync(options, Token);
        Assert.Equal(["later", "earlier", "first"], (await history.Queries.SearchAsync(new(), Token)).Select(stored => stored.Id));
        var failed = await history.Queries.FindActionAsync(Failed, Token);
        Assert.Equal(("failed", 2, 1, "Azure answered 409"), (failed?.Status, failed?.Attempt, failed?.Generation, failed?.Detail));
        Assert.Equal((new DateTimeOffset(2026, 11, 28, 10, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 11, 28, 11, 0, 0, TimeSpan.Zero)), (failed?.StartedAt, failed?.UpdatedAt));
        Assert.Equal(("succeeded", ""), await history.Queries.FindActionAsync("cc112233445566778899", Token) is { } changed ? (changed.Status, changed.RuleVersion) : default);
        Assert.Equal("", (await history.Queries.FindActionAsync(Asking, Token))?.RuleVersion);
        Assert.Equal(Asking, Assert.Single(await history.Approvals.OpenAsync(10, Token)).Question.ActionId);
        await using var connection = history.Database.Open();
        Assert.Equal(3, (await connection.ReadChangesAsync(Sql.Empty, Token)).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_rebuild_does_not_replace_delivered_entries(bool postgreSql)
    {
        var options = await CreateAsync(postgreSql);
        var workflowEvent = SampleEvents.Create("RunCompleted", id: "delivered");
        DateTimeOffset received;
        await using (var history = await HistoryFixture.StartAsync(options, Token))
        {
            await history.AddAsync(workflowEvent, Token);
            received = (await history.Queries.SearchAsync(new(), Token)).Single().ReceivedAt;
        }

        Write("delivered.json", workflowEvent.Envelope.GetRawText());

        Assert.Equal(0, (await RunAsync(options)).Code);

        await using var after = await HistoryFixture.StartAsync(options, Token);
        Assert.Equal(received, (await after.Queries.SearchAsync(new() { Text = "delivered" }, Token)).Single().ReceivedAt);
    }

    [Fact]
    public async Task Unreadable_input_is_reported_and_the_rest_is_stored()
    {
        var options = await CreateAsync(postgreSql: false);
        Write("broken.json", "{");
        File.CreateSymbolicLink(Path.Combine(Archive, "gone.json"), Path.Combine(Archive, "nowhere.json"));
        Write("half.json", $$"""[{"id": 1}, {{Event("good", TimeProvider.System.GetUtcNow())}}]""");
        Write("odd.json", """{"specversion": "1.0", "id": "odd", "source": "/mlevents/retrainer", "type": "MLEvents.ActionChanged", "data": {"service": "retrainer"}}""");
        _retrainer.Answers["GET /actions?limit=200&continuation=more"] = (503, """{"title": "The state store does not answer."}""");

        var (code, output) = await RunAsync(options);

        Assert.Equal(1, code);
        Assert.Contains("broken.json", output, StringComparison.Ordinal);
        Assert.Contains("half.json", output, StringComparison.Ordinal);
        Assert.Contains("gone.json: cannot be read: ", output, StringComparison.Ordinal);
        Assert.Contains("The data of activity odd", output, StringComparison.Ordinal);
        Assert.Contains("archive: 1 event stored, 0 older than the retention, 4 unreadable", output, StringComparison.Ordinal);
        Assert.Contains("retrainer: retrainer answered 503: The state store does not answer.", output, StringComparison.Ordinal);
        await using var history = await HistoryFixture.StartAsync(options, Token);
        Assert.Equal("good", (await history.Queries.SearchAsync(new(), Token)).Single().Id);
        Assert.NotNull(await history.Queries.FindActionAsync(Failed, Token));
    }

    [Fact]
    public async Task If_the_archive_folder_does_not_exist_nothing_is_done()
    {
        var options = await CreateAsync(postgreSql: false);
        Directory.Delete(Archive);

        var (code, output) = await RunAsync(options);

        Assert.Equal(3, code);
        Assert.Contains("--rebuild DIR", output, StringComparison.Ordinal);
        Assert.False(File.Exists(options.File));
    }

    [Fact]
    public async Task If_the_database_cannot_be_opened_the_rebuild_stops_and_reports_it()
    {
        var file = Path.Combine(_folder.Path, "no-folder");
        await File.WriteAllTextAsync(file, "a file, no folder", Token);

        var (code, output) = await RunAsync(new HistoryOptions { File = Path.Combine(file, "dashboard.db") });

        Assert.Equal(1, code);
        Assert.Contains("The rebuild stopped", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "--rebuild", "archive")]
    [InlineData(true, "--rebuild=archive")]
    [InlineData(false, "--urls", "http://localhost")]
    public void Only_the_rebuild_argument_requests_a_rebuild(bool expected, params string[] args) => Assert.Equal(expected, RebuildCommand.IsRequested(args));

    private async Task<HistoryOptions> CreateAsync(bool postgreSql)
    {
        Assert.SkipUnless(!postgreSql || PostgreSqlServer.IsInstalled, PostgreSqlServer.NotInstalled);
        return postgreSql ? new() { PostgreSql = await server.CreateDatabaseAsync(Token) } : new() { File = Path.Combine(_folder.Path, "history", "dashboard.db") };
    }

    private async Task<(int Code, string Output)> RunAsync(HistoryOptions options)
    {
        using var output = new StringWriter();
        string[] services = ["ingress", "notifier", "deployer"];
        var code = await RebuildCommand.RunAsync(
            [
                "--environment", "Development", "--rebuild", Archive, "--History:File", options.File, "--History:PostgreSql", options.PostgreSql ?? "", "--Operations:Token", OperatorApi.Token,
                "--Dashboard:Services:retrainer", _retrainer.Address, .. services.SelectMany(service => new[] { $"--Dashboard:Services:{service}", _empty.Address }),
            ],
            output, Token);
        return (code, output.ToString());
    }

    private void Write(string name, string content)
    {
        var file = Path.Combine(Archive, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file) ?? Archive);
        File.WriteAllText(file, content);
    }

    private static string Event(string id, DateTimeOffset time) => SampleEvents.Create("RunCompleted", id: id, time: time.ToString("O")).Envelope.GetRawText().ReplaceLineEndings(" ");

    private static string Changed(DateTimeOffset time) => $$"""
        {"specversion": "1.0", "id": "cc112233445566778899-0-succeeded--1", "source": "/mlevents/retrainer", "type": "{{EventTypes.ActionChanged}}", "time": "{{time:O}}", "data":
        {"service": "retrainer", "rule": "train", "actionId": "cc112233445566778899", "status": "succeeded", "stage": "", "attempt": 1, "correlationId": "c", "event": {"id": "first", "type": "t", "subject": "", "source": "s"}, "links": {} } }
        """.ReplaceLineEndings(" ");
}
