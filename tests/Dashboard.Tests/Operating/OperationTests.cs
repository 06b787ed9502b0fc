using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.Operating;

public sealed class OperationTests
{
    private const string Action = "00112233445566778899";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_retry_shows_the_plan_first_and_then_calls_the_service_and_is_audited()
    {
        await using var retrainer = await StartServiceAsync();
        retrainer.Answers[$"GET /actions/{Action}"] = (200, """{"plan": {"kind": "job", "experiment": "churn-train"}}""");
        retrainer.Answers[$"POST /actions/{Action}/retry"] = (200, "{}");
        await using var dashboard = await StartAsync("retrainer", retrainer.Address);
        await FailAsync(dashboard);

        Assert.Contains("churn-train", await dashboard.ReadAsync($"/actions/{Action}/retry", Token), StringComparison.Ordinal);
        Assert.DoesNotContain(retrainer.Requests.All, request => request.StartsWith("POST", StringComparison.Ordinal));
        using var response = await dashboard.PostAsync($"/actions/{Action}/retry", $"/actions/{Action}/retry", Token);

        Assert.Contains("retrainer accepted the retry.", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Single(retrainer.Requests.All, request => request == $"POST /actions/{Action}/retry");
        var audit = await dashboard.ReadAsync("/audit", Token);
        Assert.Contains("local user", audit, StringComparison.Ordinal);
        Assert.Contains(Action, audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_retry_is_shown_to_the_user_and_a_forced_retry_is_audited()
    {
        await using var retrainer = await StartServiceAsync();
        retrainer.Answers[$"POST /actions/{Action}/retry?force=true"] = (409, """{"title": "The action was not changed.", "detail": "The action is running and continues."}""");
        await using var dashboard = await StartAsync("retrainer", retrainer.Address);
        await FailAsync(dashboard);

        using var response = await dashboard.PostAsync($"/actions/{Action}/retry", $"/actions/{Action}/retry", Token, ("force", "true"));

        Assert.Contains("and continues", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Contains("retry with force", await dashboard.ReadAsync("/audit", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_retry_with_current_rules_shows_the_changes_before_it_starts()
    {
        await using var retrainer = await StartServiceAsync();
        retrainer.Answers[$"GET /actions/{Action}/difference"] = (200, """{"outcome": "changed", "ruleVersion": "v2", "changes": ["plan.compute: cpu -> gpu"], "refusal": null}""");
        retrainer.Answers[$"POST /actions/{Action}/retry?currentRules=true"] = (200, "{}");
        await using var dashboard = await StartAsync("retrainer", retrainer.Address);
        await FailAsync(dashboard);

        Assert.Contains("plan.compute: cpu -&gt; gpu", await dashboard.ReadAsync($"/actions/{Action}/retry", Token), StringComparison.Ordinal);
        using var response = await dashboard.PostAsync($"/actions/{Action}/retry", $"/actions/{Action}/retry", Token, ("currentRules", "true"));

        Assert.Contains("retrainer accepted the retry with the rules in force.", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Single(retrainer.Requests.All, request => request.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_roll_back_needs_its_confirmation_and_is_audited()
    {
        await using var deployer = await StartServiceAsync();
        deployer.Answers["POST /deployments/rollback?endpoint=churn-scoring&to=blue&reason=it%20is%20slow"] = (202, """{"id": "a1"}""");
        await using var dashboard = await StartAsync("deployer", deployer.Address);
        await dashboard.UntilAsync("/rollback?endpoint=churn-scoring", page => page.Contains("value=\"churn-scoring\"", StringComparison.Ordinal), Token);

        using var without = await dashboard.PostAsync("/rollback", "/rollback", Token, ("endpoint", "churn-scoring"), ("to", "blue"));
        using var confirmed = await dashboard.PostAsync("/rollback", "/rollback", Token, ("endpoint", "churn-scoring"), ("to", "blue"), ("reason", "it is slow"), ("confirmed", "true"));

        Assert.Equal(404, (int)without.StatusCode);
        Assert.Contains("deployer accepted the roll-back.", await confirmed.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal("POST /deployments/rollback?endpoint=churn-scoring&to=blue&reason=it%20is%20slow", Assert.Single(deployer.Requests.All));
        var audit = await dashboard.ReadAsync("/audit", Token);
        Assert.Contains("roll-back: it is slow", audit, StringComparison.Ordinal);
        Assert.Contains("churn-scoring, to blue", audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancellation_needs_its_confirmation()
    {
        await using var retrainer = await StartServiceAsync();
        retrainer.Answers[$"POST /actions/{Action}/cancel?reason=wrong%20data"] = (200, "{}");
        await using var dashboard = await StartAsync("retrainer", retrainer.Address);
        await FailAsync(dashboard);

        using var without = await dashboard.PostAsync($"/actions/{Action}/cancel", $"/actions/{Action}/cancel", Token);
        using var confirmed = await dashboard.PostAsync($"/actions/{Action}/cancel", $"/actions/{Action}/cancel", Token, ("reason", "wrong data"), ("confirmed", "true"));

        Assert.Equal((404, 200), ((int)without.StatusCode, (int)confirmed.StatusCode));
        Assert.Single(retrainer.Requests.All, request => request == $"POST /actions/{Action}/cancel?reason=wrong%20data");
        Assert.Contains("cancel: wrong data", await dashboard.ReadAsync("/audit", Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("quarantine")]
    [InlineData("dead-letters")]
    public async Task The_dashboard_shows_a_stored_message_and_replays_it_through_the_ingress(string kind)
    {
        const string message = """{"id": "m1", "state": "open", "reason": "no JSON", "topic": "run-completed", "lastReceivedAt": "2026-11-01T12:00:00Z", "size": 5, "headers": {"content-type": "text/plain"}, "raw": "aGVsbG8="}""";
        await using var ingress = await StartServiceAsync();
        ingress.Answers[$"GET /{kind}?limit=50"] = (200, $$"""{"items": [{{message}}], "continuation": null}""");
        ingress.Answers[$"GET /{kind}/m1"] = (200, message);
        ingress.Answers[$"POST /{kind}/m1/replay"] = (200, """{"id": "m1", "published": 1}""");
        ingress.Answers[$"POST /{kind}/m1/replay?force=true&reason=the%20job%20was%20deleted"] = (200, """{"id": "m1", "published": 1}""");
        await using var dashboard = await StartAsync("ingress", ingress.Address);
        await dashboard.UntilAsync("/", _ => true, Token);

        Assert.Contains($"/{kind}/m1", await dashboard.ReadAsync($"/{kind}", Token), StringComparison.Ordinal);
        Assert.Contains("hello", await dashboard.ReadAsync($"/{kind}/m1", Token), StringComparison.Ordinal);
        using var replayed = await dashboard.PostAsync($"/{kind}/m1", $"/{kind}/m1/replay", Token);
        using var forced = await dashboard.PostAsync($"/{kind}/m1", $"/{kind}/m1/replay", Token, ("force", "true"), ("reason", "the job was deleted"));
        ingress.Answers[$"GET /{kind}/m1"] = (200, message.Replace("\"open\"", """
            "replayed", "replayedBy": {"operation": "replay with force", "by": "ann@example.com", "from": "10.0.0.7", "reason": "the job was deleted", "at": "2026-11-01T13:00:00Z"}
            """, StringComparison.Ordinal));

        Assert.Contains("ingress accepted the replay.", await replayed.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Contains("replay with force by ann@example.com from 10.0.0.7; reason: the job was deleted", await dashboard.ReadAsync($"/{kind}/m1", Token), StringComparison.Ordinal);
        Assert.Equal([$"POST /{kind}/m1/replay", $"POST /{kind}/m1/replay?force=true&reason=the%20job%20was%20deleted"], ingress.Requests.All.Where(request => request.StartsWith("POST", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_page_of_an_action_shows_who_changed_it_from_where_and_why()
    {
        await using var retrainer = await StartServiceAsync();
        await using var dashboard = await StartAsync("retrainer", retrainer.Address);
        var cause = SampleEvents.Create("DatasetDriftDetected");
        await dashboard.ChangeAsync(Action, "failed", cause, Token, "Azure answered 409");
        await dashboard.ChangeAsync(Action, "accepted", cause, Token, "restarted by ann@example.com from 10.0.0.7; reason: the quota was raised", generation: 1);
        await dashboard.ChangeAsync(Action, "succeeded", cause, Token, generation: 1);

        var page = await dashboard.UntilAsync($"/actions/{Action}", page => page.Contains("restarted by", StringComparison.Ordinal) && page.Contains("succeeded", StringComparison.Ordinal), Token);

        Assert.Contains("restarted by ann@example.com from 10.0.0.7; reason: the quota was raised", page, StringComparison.Ordinal);
        Assert.Contains("Azure answered 409", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_preview_of_a_replay_names_the_service_whose_rules_cannot_be_read()
    {
        var raw = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(SampleEvents.Create("RunCompleted", id: "kept").Envelope.GetRawText()));
        await using var ingress = await StartServiceAsync();
        ingress.Answers["GET /quarantine/m1"] = (200, $$"""{"id": "m1", "state": "open", "reason": "no JSON", "topic": "run-completed", "lastReceivedAt": "2026-11-01T12:00:00Z", "size": 5, "headers": {}, "raw": "{{raw}}"}""");
        await using var dashboard = await StartAsync("ingress", ingress.Address);
        await dashboard.LoadAsync("v9", "alerts: [", Token);

        var page = await dashboard.UntilAsync("/quarantine/m1", page => page.Contains("The dashboard cannot read the rule files of notifier", StringComparison.Ordinal), Token);

        Assert.Contains("<code>kept</code>: no rule in force fires", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreachable_service_is_reported()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);

        Assert.Contains("could not be reached", await dashboard.UntilAsync("/quarantine", _ => true, Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_of_stored_messages_ignores_the_letter_case_of_its_address()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);

        Assert.Contains("<h1>Quarantine</h1>", await dashboard.UntilAsync("/Quarantine", _ => true, Token), StringComparison.Ordinal);
    }

    private static async Task<FakeService> StartServiceAsync()
    {
        var service = new FakeService();
        await service.StartAsync(Token);
        return service;
    }

    private static async Task<DashboardFixture> StartAsync(string service, string address)
    {
        var dashboard = new DashboardFixture();
        dashboard.Fixture.Settings[$"Dashboard:Services:{service}"] = address;
        await dashboard.StartAsync(Token);
        return dashboard;
    }

    private static async Task FailAsync(DashboardFixture dashboard)
    {
        await dashboard.ChangeAsync(Action, "failed", SampleEvents.Create("DatasetDriftDetected"), Token, "Azure answered 409");
        await dashboard.UntilAsync($"/actions/{Action}", _ => true, Token);
    }
}
