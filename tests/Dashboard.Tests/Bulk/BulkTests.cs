using System.Net;

using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using MLEvents.Dashboard.Access;
using MLEvents.Dashboard.Bulk;
using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Operating;
using MLEvents.Dashboard.Tests.Operating;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.Bulk;

/// <summary>Bulk retries and cancellations. A page shows the number of actions before any of them is changed.</summary>
public sealed class BulkTests : IAsyncLifetime
{
    private const string Preview = "/bulk?operation=retry&status=failed&service=retrainer";
    private static readonly string[] Failed = ["00112233445566778801", "00112233445566778802", "00112233445566778803"];

    private readonly FakeService _retrainer = new();
    private readonly DashboardFixture _dashboard = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _retrainer.StartAsync(Token);
        _dashboard.Fixture.Settings["Dashboard:Services:retrainer"] = _retrainer.Address;
        await _dashboard.StartAsync(Token);
        var drift = SampleEvents.Create("DatasetDriftDetected", "{}");
        foreach (var action in Failed)
        {
            await _dashboard.ChangeAsync(action, "failed", drift, Token, "the quota is used up");
        }

        await _dashboard.ChangeAsync("aa112233445566778801", "succeeded", drift, Token);
        await _dashboard.UntilAsync("/actions/aa112233445566778801", _ => true, Token);
        await _dashboard.UntilAsync("/actions?status=failed", page => Failed.All(action => page.Contains(action, StringComparison.Ordinal)), Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _dashboard.DisposeAsync();
        await _retrainer.DisposeAsync();
    }

    [Fact]
    public async Task The_number_of_actions_is_shown_first_and_then_each_action_is_retried_once()
    {
        _retrainer.Answers[$"POST /actions/{Failed[0]}/retry?generation=0&reason=more%20quota"] = (200, "{}");
        _retrainer.Answers[$"POST /actions/{Failed[1]}/retry?generation=0&reason=more%20quota"] = (409, """{"title": "The action was not changed.", "detail": "The action is running and continues."}""");
        _retrainer.Answers[$"POST /actions/{Failed[2]}/retry?generation=0&reason=more%20quota"] = (200, "{}");
        Assert.Contains("Retry all matching actions<", await _dashboard.ReadAsync("/actions?status=failed", Token), StringComparison.Ordinal);

        var preview = await _dashboard.ReadAsync(Preview, Token);
        var run = await StartAsync(expected: 3, reason: "more quota");
        var before = await _dashboard.ReadAsync(run, Token);
        using var continued = await _dashboard.PostAsync(run, $"{run}/continue", Token);
        var after = await continued.Content.ReadAsStringAsync(Token);

        Assert.Contains("Retry 3 actions?", preview, StringComparison.Ordinal);
        Assert.Contains("0 of 3 done", before, StringComparison.Ordinal);
        Assert.Contains("3 of 3 done: 2 accepted, 1 refused", after, StringComparison.Ordinal);
        Assert.Contains("The action is running and continues", after, StringComparison.Ordinal);
        using var again = await _dashboard.PostAsync("/rollback", $"{run}/continue", Token);
        Assert.Equal(3, _retrainer.Requests.All.Count(request => request.StartsWith("POST", StringComparison.Ordinal)));
        var audit = await _dashboard.ReadAsync("/audit", Token);
        Assert.Contains("Retry 3 actions: more quota", audit, StringComparison.Ordinal);
        Assert.Contains("3 of 3 done: 2 accepted, 1 refused.", audit, StringComparison.Ordinal);
        Assert.Equal(1, audit.Split("bulk/").Length - 1);
        Assert.DoesNotContain(Failed[2], audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_retry_with_the_rules_in_force_shows_the_changes_first()
    {
        _retrainer.Answers[$"GET /actions/{Failed[0]}/difference"] = (200, """{"outcome": "changed", "changes": ["plan.compute: cpu -> gpu"]}""");
        _retrainer.Answers[$"GET /actions/{Failed[1]}/difference"] = (200, """{"outcome": "changed", "changes": ["plan.compute: cpu -> gpu"]}""");
        _retrainer.Answers[$"GET /actions/{Failed[2]}/difference"] = (200, """{"outcome": "refused", "changes": [], "refusal": "the rules in force do not request it"}""");
        _retrainer.Answers[$"POST /actions/{Failed[0]}/retry?generation=0&currentRules=true"] = (200, "{}");
        _retrainer.Answers[$"POST /actions/{Failed[1]}/retry?generation=0&currentRules=true"] = (200, "{}");
        _retrainer.Answers[$"POST /actions/{Failed[2]}/retry?generation=0&currentRules=true"] = (409, """{"title": "The action was not changed.", "detail": "the rules in force do not request it"}""");
        const string withRules = "/bulk?operation=retry-with-rules&status=failed&service=retrainer";
        Assert.Contains("Retry all matching actions with the rules in force", await _dashboard.ReadAsync("/actions?status=failed", Token), StringComparison.Ordinal);

        var preview = await _dashboard.ReadAsync(withRules, Token);
        var postsBefore = _retrainer.Requests.All.Count(request => request.StartsWith("POST", StringComparison.Ordinal));
        using var started = await _dashboard.PostAsync(withRules, "/bulk", Token, ("operation", "retry-with-rules"), ("status", "failed"), ("service", "retrainer"), ("expected", "3"));
        var run = started.RequestMessage?.RequestUri?.AbsolutePath ?? "";
        using var continued = await _dashboard.PostAsync(run, $"{run}/continue", Token);

        Assert.Contains("Retry 3 actions with the rules in force?", preview, StringComparison.Ordinal);
        Assert.Matches("(?s)<td>2</td>\\s*<td>changed</td>.*plan.compute: cpu -&gt; gpu.*<td>1</td>\\s*<td>refused</td>.*the rules in force do not request it", preview);
        Assert.Equal(0, postsBefore);
        Assert.Contains("3 of 3 done: 2 accepted, 1 refused.", await continued.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Contains("Retry 3 actions with the rules in force", await _dashboard.ReadAsync("/audit", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unavailable_service_stops_the_run_and_the_run_can_be_continued_later()
    {
        _retrainer.Answers[$"POST /actions/{Failed[0]}/retry?generation=0"] = (200, "{}");
        _retrainer.Answers[$"POST /actions/{Failed[1]}/retry?generation=0"] = (503, """{"title": "The state store is unavailable."}""");
        var run = await StartAsync(expected: 3);

        using var stopped = await _dashboard.PostAsync(run, $"{run}/continue", Token);
        var page = await stopped.Content.ReadAsStringAsync(Token);
        _retrainer.Answers[$"POST /actions/{Failed[1]}/retry?generation=0"] = (200, "{}");
        _retrainer.Answers[$"POST /actions/{Failed[2]}/retry?generation=0"] = (200, "{}");
        using var continued = await _dashboard.PostAsync(run, $"{run}/continue", Token);

        Assert.Contains("1 of 3 done", page, StringComparison.Ordinal);
        Assert.Contains("The state store is unavailable", page, StringComparison.Ordinal);
        Assert.DoesNotContain("data-continue", page, StringComparison.Ordinal);
        Assert.Contains("3 of 3 done: 3 accepted, 0 refused", await continued.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Single(_retrainer.Requests.All, request => request == $"POST /actions/{Failed[0]}/retry?generation=0");
    }

    [Fact]
    public async Task A_result_is_stored_and_audited_if_the_browser_disconnects_before_the_result_is_known()
    {
        var run = await StartAsync(expected: 3);
        using var browser = new CancellationTokenSource();
        using var http = new HttpClient(new LostAnswer(browser));
        var services = _dashboard.Fixture.Service.Services;
        var (store, audit) = (services.GetRequiredService<BulkStore>(), services.GetRequiredService<AuditLog>());
        var client = new OperatorApiClient(http, services.GetRequiredService<SignedInUser>(), new HttpContextAccessor(), services.GetRequiredService<IOptions<DashboardOptions>>());
        var progress = await store.FindAsync(run.Split('/')[^1], Token);
        Assert.NotNull(progress);

        var stop = await new BulkRunner(store, new OperatorRequest(client, audit), client, audit, TimeProvider.System).ContinueAsync(new DefaultHttpContext { RequestAborted = browser.Token }, progress);

        Assert.Equal("The browser disconnected.", stop);
        Assert.Equal(["accepted", null, null], (await store.FindAsync(progress.Run.Id, Token))?.Items.Select(item => item.Result));
        Assert.Contains("1 of 3 done: 1 accepted, 0 refused. It stopped: The browser disconnected.", await _dashboard.ReadAsync("/audit", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_are_added_to_the_earliest_entry_if_a_user_has_two_for_a_run()
    {
        var run = await StartAsync(expected: 3);
        var services = _dashboard.Fixture.Service.Services;
        var progress = await services.GetRequiredService<BulkStore>().FindAsync(run.Split('/')[^1], Token);
        Assert.NotNull(progress);
        var (browser, target) = (new DefaultHttpContext(), $"bulk/{progress.Run.Id}");

        // Two replicas created an entry at the same time, and their clocks differ.
        var earliest = await AddEntryAsync(progress.Run.At.AddSeconds(2));
        await AddEntryAsync(progress.Run.At.AddSeconds(1));
        var continued = await services.GetRequiredService<AuditLog>().ContinueAsync(progress.Run, browser, Token);

        Assert.Equal(earliest, continued.Id);

        async Task<long> AddEntryAsync(DateTimeOffset at)
        {
            await using var connection = services.GetRequiredService<HistoryDatabase>().Open();
            var (entry, id) = (new AuditEntry { At = at, Actor = AuditLog.ActorOf(browser), Operation = "continuation", Target = target, Result = "requested" }, 0L);
            await HistoryInserts.Audit.ExecuteAsync(connection, [entry], row => id = row.GetInt64(0), Token);
            return id;
        }
    }

    [Fact]
    public async Task If_the_number_of_actions_has_changed_the_page_says_so_and_nothing_is_done()
    {
        using var response = await _dashboard.PostAsync(Preview, "/bulk", Token, Fields(expected: 2));

        Assert.Contains("the number of actions has changed", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.DoesNotContain(_retrainer.Requests.All, request => request.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task While_the_database_refuses_writes_nothing_is_done_and_the_page_shows_the_reason()
    {
        await using (var database = new SqliteConnection($"Data Source={_dashboard.Fixture.Settings["History:File"]};Pooling=False"))
        {
            await database.OpenAsync(Token);
            await using var command = database.CreateCommand();
            command.CommandText = "CREATE TRIGGER refuse BEFORE INSERT ON Audit BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
            await command.ExecuteNonQueryAsync(Token);
        }

        using var response = await _dashboard.PostAsync(Preview, "/bulk", Token, Fields(expected: 3));
        var page = await response.Content.ReadAsStringAsync(Token);

        Assert.Contains("Nothing was done, because the history database does not accept writes", page, StringComparison.Ordinal);
        Assert.Contains("the disk is full", page, StringComparison.Ordinal);
        Assert.Contains("Retry 3 actions?", page, StringComparison.Ordinal);
        Assert.DoesNotContain("the number of actions has changed", page, StringComparison.Ordinal);
        Assert.DoesNotContain(_retrainer.Requests.All, request => request.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_actions_are_filtered_by_detail_and_by_the_time_of_the_change()
    {
        await _dashboard.ChangeAsync("dd112233445566778801", "failed", SampleEvents.Create("DatasetDriftDetected", "{}"), Token, "the image is missing");
        await _dashboard.UntilAsync("/actions?status=failed&detail=IMAGE", page => page.Contains("dd112233", StringComparison.Ordinal), Token);

        var list = await _dashboard.ReadAsync("/actions?status=failed&detail=IMAGE", Token);
        var preview = await _dashboard.ReadAsync($"{Preview}&detail=IMAGE&since=2026-01-01T00%3A00", Token);
        using var started = await _dashboard.PostAsync(Preview, "/bulk", Token, [.. Fields(expected: 1), ("detail", "IMAGE"), ("since", "2026-01-01T00:00:00")]);
        var run = await started.Content.ReadAsStringAsync(Token);

        Assert.DoesNotContain(Failed[0][..8], list, StringComparison.Ordinal);
        Assert.Contains("detail=IMAGE", list, StringComparison.Ordinal);
        Assert.Contains("Retry 1 action?", preview, StringComparison.Ordinal);
        Assert.Contains("0 of 1 done", run, StringComparison.Ordinal);
        Assert.Contains("changed since 2026-01-01T00:00:00 UTC", run, StringComparison.Ordinal);
        Assert.Contains("No action matches.", await _dashboard.ReadAsync("/bulk?operation=retry&since=2999-01-01T00%3A00", Token), StringComparison.Ordinal);
        Assert.Contains("must be a date with a time", await _dashboard.ReadAsync("/actions?since=yesterday", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_names_an_invalid_time()
    {
        var page = await _dashboard.ReadAsync("/bulk?operation=retry&since=yesterday", Token);

        Assert.Contains("must be a date with a time, for instance 2026-11-01T12:00, not <code>yesterday</code>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("A bulk retry needs failed actions", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("retry", "succeeded")]
    [InlineData("cancel", "failed")]
    [InlineData("delete", "failed")]
    public async Task An_operation_that_is_unknown_or_does_not_apply_to_the_status_does_nothing(string operation, string status)
    {
        var page = await _dashboard.ReadAsync($"/bulk?operation={operation}&status={status}", Token);
        using var response = await _dashboard.PostAsync("/rollback", "/bulk", Token, ("operation", operation), ("status", status), ("expected", "9"));

        Assert.Contains("Nothing to do", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_form_without_fields_does_nothing()
    {
        using var response = await _dashboard.PostAsync("/rollback", "/bulk", Token);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Unfinished_actions_are_cancelled()
    {
        const string waiting = "cc112233445566778801";
        await _dashboard.ChangeAsync(waiting, "waiting", SampleEvents.Create("DatasetDriftDetected", "{}"), Token);
        await _dashboard.UntilAsync("/actions?status=running", page => page.Contains("Cancel all matching actions", StringComparison.Ordinal), Token);
        _retrainer.Answers[$"POST /actions/{waiting}/cancel"] = (200, "{}");

        var preview = await _dashboard.ReadAsync("/bulk?operation=cancel", Token);
        var single = await _dashboard.ReadAsync($"/actions/{waiting}/cancel", Token);
        using var started = await _dashboard.PostAsync("/bulk?operation=cancel", "/bulk", Token, ("operation", "cancel"), ("expected", "1"));
        using var continued = await _dashboard.PostAsync("/rollback", $"{started.RequestMessage?.RequestUri?.AbsolutePath}/continue", Token);

        Assert.All([preview, single], text => Assert.Contains("The deployer restores the traffic of a roll-out with a strategy; the deployment stays.", text, StringComparison.Ordinal));
        Assert.Contains("1 of 1 done: 1 accepted", await continued.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    private static (string, string)[] Fields(int expected, string reason = "") =>
        [("operation", "retry"), ("status", "failed"), ("service", "retrainer"), ("rule", ""), ("expected", $"{expected}"), ("reason", reason)];

    private async Task<string> StartAsync(int expected, string reason = "")
    {
        using var started = await _dashboard.PostAsync(Preview, "/bulk", Token, Fields(expected, reason));
        return started.RequestMessage?.RequestUri?.AbsolutePath ?? "";
    }

    /// <summary>A service that has already restarted the actions, but whose answers were lost: it refuses another retry. The browser disconnects while the dashboard reads an action.</summary>
    private sealed class LostAnswer(CancellationTokenSource browser) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (request.Method == HttpMethod.Post)
            {
                return Create(HttpStatusCode.Conflict, """{"title": "The action was not changed."}""");
            }

            await browser.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            return Create(HttpStatusCode.OK, """{"generation": 1, "intervention": {"at": "2999-01-01T00:00:00Z"}}""");
        }

        private static HttpResponseMessage Create(HttpStatusCode status, string body) => new(status) { Content = new StringContent(body) };
    }
}
