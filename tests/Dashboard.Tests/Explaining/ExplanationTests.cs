using System.Text.Json;

using MLEvents.Events;
using MLEvents.Notifier;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.Explaining;

public sealed class ExplanationTests
{
    private const string Then = """
        alerts:
          - name: failed
            when: { includedEventTypes: [RunStatusChanged], advancedFilters: [{ operatorType: StringIn, key: data.runStatus, values: [Failed] }] }
            send: { channel: email, to: [ml@example.org], subject: "failed" }
          - name: off
            enabled: false
            when: { includedEventTypes: [RunStatusChanged] }
            send: { channel: email, to: [ml@example.org], subject: "off" }
        """;

    private const string Now = """
        alerts:
          - name: failed
            when: { includedEventTypes: [RunStatusChanged], advancedFilters: [{ operatorType: StringIn, key: data.runStatus, values: [Canceled] }] }
            send: { channel: email, to: [ml@example.org], subject: "failed" }
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_is_explained_by_the_rules_that_were_in_force_and_by_those_of_today()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await LoadAsync(dashboard, "v1", Then);
        await dashboard.UntilAsync("/rules/notifier", page => page.Contains("v1", StringComparison.Ordinal), Token);
        var happened = SampleEvents.Create("RunStatusChanged", """{"runStatus": "Failed"}""", id: "run-1");
        var page = await dashboard.PublishAsync(happened, Token);
        await dashboard.ChangeAsync("00112233445566778899", "skipped", happened, Token, "held back by throttle", service: "notifier");
        await LoadAsync(dashboard, "v2", Now);
        await dashboard.UntilAsync("/rules/notifier", text => text.Contains("v2", StringComparison.Ordinal), Token);

        var (status, explanation) = await dashboard.Fixture.Service.AskAsync(HttpMethod.Get, "/api/events/run-1/explanation", Token);

        Assert.Equal(200, status);
        var service = explanation.GetProperty("services").EnumerateArray().Single();
        Assert.Equal(("v1", "v2"), (service.GetProperty("version").GetString(), service.GetProperty("currentVersion").GetString()));
        var rules = service.GetProperty("rules").EnumerateArray().ToDictionary(rule => rule.GetProperty("rule").GetString() ?? "");
        Assert.Equal(("fires", "does-not-fire", true), (Outcome(rules["failed"], "then"), Outcome(rules["failed"], "today"), rules["failed"].GetProperty("changed").GetBoolean()));
        Assert.Equal("The rule was disabled.", rules["off"].GetProperty("result").GetString());
        Assert.Contains("data.runStatus", rules["failed"].GetProperty("then").GetProperty("why").GetRawText(), StringComparison.Ordinal);
        var text = await dashboard.ReadAsync($"{page}/explanation", Token);
        Assert.Contains("The rules of today act differently", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_explanation_needs_the_token_and_an_event()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.UntilAsync("/", _ => true, Token);

        var (missing, problem) = await dashboard.Fixture.Service.AskAsync(HttpMethod.Get, "/api/events/none/explanation", Token);
        using var refused = await dashboard.Fixture.Service.Client.GetAsync(new Uri("/api/events/none/explanation", UriKind.Relative), Token);

        Assert.Equal((404, 401), (missing, (int)refused.StatusCode));
        Assert.Contains("holds no event 'none'", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Then, """{"specversion":"1.0","id":"1","source":"s","type":"Microsoft.MachineLearningServices.RunStatusChanged","data":{"runStatus":"Failed"}}""", "fires")]
    [InlineData("alerts: [{ nam: x }]", """{"specversion":"1.0","id":"1","source":"s","type":"t"}""", "alerts.yaml(1,")]
    [InlineData(Then, "{", "The event is not JSON")]
    [InlineData(Then, """{"id": 1}""", "The event cannot be read")]
    public async Task The_playground_shows_what_edited_rules_make_of_an_event(string rules, string message, string expected)
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.UntilAsync("/playground", _ => true, Token);

        using var response = await dashboard.PostAsync("/playground", "/playground", Token, ("_handler", "playground"), ("file", "alerts.yaml"), ("rules", rules), ("event", message));

        Assert.Contains(expected, await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_outside_the_rules_folder_are_refused() => Assert.Contains(
        "lies outside",
        Assert.Throws<MLEvents.Rules.RuleFileException>(() => Dashboard.Explaining.RuleEvaluator.Read(new Dictionary<string, string> { ["alerts.yaml"] = "alerts: []", ["../x"] = "" })).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task A_service_publishes_its_rules_at_start_and_after_a_change_with_all_files()
    {
        var seen = new Seen<JsonElement>();
        await using var notifier = new ServiceFixture("notifier", configure => NotifierService.Create([], configure));
        notifier.Settings["Mail:From"] = "alerts@example.org";
        notifier.Folder.Write("rules/alerts.yaml", Then);
        await notifier.StartServiceAsync(Token);
        await using var subscriber = await Subscriber.StartAsync(notifier, seen, Token);
        await notifier.StartSidecarAsync(Token);

        var first = await seen.FirstAsync(loaded => Text(loaded).Contains("[Failed]", StringComparison.Ordinal), Token);
        notifier.Folder.Write("rules/alerts.yaml", Now);
        var second = await seen.FirstAsync(loaded => Text(loaded).Contains("[Canceled]", StringComparison.Ordinal), Token);

        Assert.Equal("notifier", first.GetProperty("service").GetString());
        Assert.NotEqual(first.GetProperty("version").GetString(), second.GetProperty("version").GetString());
    }

    private static string Text(JsonElement loaded) => loaded.GetProperty("files").GetProperty("alerts.yaml").GetString() ?? "";

    private static string? Outcome(JsonElement rule, string verdict) => rule.GetProperty(verdict).GetProperty("outcome").GetString();

    private static Task LoadAsync(DashboardFixture dashboard, string version, string rules)
    {
        var envelope = new Dapr.CloudEvent<RulesLoaded>(new RulesLoaded("notifier", version, new Dictionary<string, string> { ["alerts.yaml"] = rules }))
        {
            Id = $"notifier-rules-{version}",
            SpecVersion = "1.0",
            Source = new Uri("/mlevents/notifier", UriKind.Relative),
            Type = EventTypes.RulesLoaded,
            Time = TimeProvider.System.GetUtcNow(),
        };
        return dashboard.Fixture.Dapr.PublishEventAsync(Topics.PubSub, Topics.WorkflowActivity, envelope, Token);
    }
}
