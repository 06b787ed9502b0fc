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
    public async Task The_explanation_says_that_a_service_had_no_rule()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await LoadAsync(dashboard, "v1", "alerts: []");
        await dashboard.UntilAsync("/rules/notifier", page => page.Contains("v1", StringComparison.Ordinal), Token);

        var page = await dashboard.PublishAsync(SampleEvents.Create("RunCompleted"), Token);

        Assert.Contains("No rule was in force.", await dashboard.ReadAsync(page, Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_is_explained_with_the_rules_that_were_in_force_and_with_the_current_rules()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await LoadAsync(dashboard, "v1", Then);
        await dashboard.UntilAsync("/rules/notifier", page => page.Contains("v1", StringComparison.Ordinal), Token);
        var workflowEvent = SampleEvents.Create("RunStatusChanged", """{"runStatus": "Failed"}""", id: "run-1");
        var page = await dashboard.PublishAsync(workflowEvent, Token);
        await dashboard.ChangeAsync("00112233445566778899", "skipped", workflowEvent, Token, "held back by throttle", service: "notifier");
        await LoadAsync(dashboard, "v2", Now);
        await dashboard.UntilAsync("/rules/notifier", text => text.Contains("v2", StringComparison.Ordinal), Token);

        var (status, explanation) = await dashboard.Fixture.Service.AskAsync(HttpMethod.Get, "/api/events/run-1/explanation", Token);

        Assert.Equal(200, status);
        var service = explanation.GetProperty("services").EnumerateArray().Single();
        Assert.Equal(("v1", "v2"), (service.GetProperty("version").GetString(), service.GetProperty("currentVersion").GetString()));
        var rules = service.GetProperty("rules").EnumerateArray().ToDictionary(rule => rule.GetProperty("rule").GetString() ?? "");
        Assert.Equal(("fires", "does-not-fire", true), (Outcome(rules["failed"], "then"), Outcome(rules["failed"], "today"), rules["failed"].GetProperty("changed").GetBoolean()));
        Assert.Equal(("The rule was disabled.", false), (rules["off"].GetProperty("result").GetString(), rules["off"].GetProperty("changed").GetBoolean()));
        Assert.Contains("data.runStatus", rules["failed"].GetProperty("then").GetProperty("why").GetRawText(), StringComparison.Ordinal);
        var difference = rules["failed"].GetProperty("difference").EnumerateArray().Select(line => $"{line.GetProperty("kind").GetString()} {line.GetProperty("text").GetString()}").ToList();
        Assert.Equal(["Removed outcome: fires", "Added outcome: does-not-fire"], difference.Where(line => line.Contains("outcome", StringComparison.Ordinal)));
        foreach (var path in (string[])[page, $"{page}/explanation"])
        {
            var text = await dashboard.ReadAsync(path, Token);
            Assert.Contains("The result differs with the current rules", text, StringComparison.Ordinal);
            Assert.Contains("<span class=\"removed\">- outcome: fires", text, StringComparison.Ordinal);
            Assert.Contains("<span class=\"added\">&#x2B; outcome: does-not-fire", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task If_the_rules_of_that_time_cannot_be_read_the_explanation_does_not_say_whether_a_rule_was_in_force()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await LoadAsync(dashboard, "v1", "alerts: [");
        await dashboard.UntilAsync("/rules/notifier", page => page.Contains("v1", StringComparison.Ordinal), Token);
        await dashboard.PublishAsync(SampleEvents.Create("RunStatusChanged", """{"runStatus": "Failed"}""", id: "run-1"), Token);
        await LoadAsync(dashboard, "v2", Now);
        await dashboard.UntilAsync("/rules/notifier", text => text.Contains("v2", StringComparison.Ordinal), Token);

        var (_, explanation) = await dashboard.Fixture.Service.AskAsync(HttpMethod.Get, "/api/events/run-1/explanation", Token);

        var service = explanation.GetProperty("services").EnumerateArray().Single();
        Assert.StartsWith("Version v1 of the rules cannot be read: ", service.GetProperty("fault").GetString(), StringComparison.Ordinal);
        var rule = service.GetProperty("rules").EnumerateArray().Single();
        Assert.Equal(("failed", false), (rule.GetProperty("rule").GetString(), rule.GetProperty("changed").GetBoolean()));
        Assert.StartsWith("It is not known whether the rule was in force when the event arrived", rule.GetProperty("result").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task If_neither_version_of_the_rules_can_be_read_all_errors_of_both_versions_are_reported()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await LoadAsync(dashboard, "v1", "alerts: [{ nam: x }, { nam: y }]");
        await dashboard.UntilAsync("/rules/notifier", page => page.Contains("v1", StringComparison.Ordinal), Token);
        await dashboard.PublishAsync(SampleEvents.Create("RunStatusChanged", """{"runStatus": "Failed"}""", id: "run-1"), Token);
        await LoadAsync(dashboard, "v2", "alerts: [");
        await dashboard.UntilAsync("/rules/notifier", text => text.Contains("v2", StringComparison.Ordinal), Token);

        var (_, explanation) = await dashboard.Fixture.Service.AskAsync(HttpMethod.Get, "/api/events/run-1/explanation", Token);

        var faults = (explanation.GetProperty("services").EnumerateArray().Single().GetProperty("fault").GetString() ?? "").Split('\n');
        Assert.StartsWith("Version v1 of the rules cannot be read: alerts.yaml(1,", faults[0], StringComparison.Ordinal);
        Assert.Equal(2, faults.Count(fault => fault.Contains("unknown key 'nam'", StringComparison.Ordinal)));
        Assert.Contains(faults, fault => fault.StartsWith("Version v2 of the rules cannot be read: alerts.yaml(", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_explanation_requires_the_token_and_a_stored_event()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.UntilAsync("/", _ => true, Token);

        var (missing, problem) = await dashboard.Fixture.Service.AskAsync(HttpMethod.Get, "/api/events/none/explanation", Token);
        using var refused = await dashboard.Fixture.Service.Client.GetAsync(new Uri("/api/events/none/explanation", UriKind.Relative), Token);

        Assert.Equal((404, 401), (missing, (int)refused.StatusCode));
        Assert.Contains("has no event 'none'", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Then, """{"specversion":"1.0","id":"1","source":"s","type":"Microsoft.MachineLearningServices.RunStatusChanged","data":{"runStatus":"Failed"}}""", "fires")]
    [InlineData("alerts: [{ nam: x }]", """{"specversion":"1.0","id":"1","source":"s","type":"t"}""", "alerts.yaml(1,")]
    [InlineData(Then, "{", "The event is not JSON")]
    [InlineData(Then, """{"id": 1}""", "The event cannot be read")]
    public async Task The_playground_evaluates_edited_rules_for_an_event(string rules, string message, string expected)
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.UntilAsync("/playground", _ => true, Token);

        using var response = await dashboard.PostAsync("/playground", "/playground", Token, ("_handler", "playground"), ("file", "alerts.yaml"), ("rules", rules), ("event", message));

        Assert.Contains(expected, await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_outside_the_rules_folder_are_refused() => Assert.Contains(
        "is outside",
        Assert.Throws<MLEvents.Rules.RuleFileException>(() => Dashboard.Explaining.StoredRuleReader.Read(new Dictionary<string, string> { ["alerts.yaml"] = "alerts: []", ["../x"] = "" })).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task A_service_publishes_its_rules_at_start_and_after_a_change()
    {
        var seen = new ObservedItems<JsonElement>();
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

    [Fact]
    public async Task The_explanation_shows_what_held_an_action_back_and_the_action_of_an_earlier_event()
    {
        const string Rules = """
            alerts:
              - name: held
                when: { includedEventTypes: [RunStatusChanged] }
                send: { channel: email, to: [ml@example.org], subject: "held" }
              - name: once
                when: { includedEventTypes: [RunStatusChanged] }
                once: run
                send: { channel: email, to: [ml@example.org], subject: "once" }
            """;
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await LoadAsync(dashboard, "v1", Rules);
        await dashboard.UntilAsync("/rules/notifier", page => page.Contains("v1", StringComparison.Ordinal), Token);
        var earlier = SampleEvents.Create("RunStatusChanged", """{"runId": "run-7", "runStatus": "Running"}""", id: "earlier");
        var workflowEvent = SampleEvents.Create("RunStatusChanged", """{"runId": "run-7", "runStatus": "Failed"}""", id: "later");
        var shared = ActionId.From("notifier", "once", workflowEvent, """run=["run-7"]""");
        await dashboard.ChangeAsync(shared, "succeeded", earlier, Token, "sent", service: "notifier", rule: "once");
        await dashboard.ChangeAsync("00112233445566778899", "waiting", workflowEvent, Token, "budget 'mails' is used up until 13:00 UTC", service: "notifier", rule: "held");
        await dashboard.ChangeAsync("00112233445566778899", "succeeded", workflowEvent, Token, "sent", service: "notifier", rule: "held");
        var page = await dashboard.PublishAsync(workflowEvent, Token);
        await dashboard.UntilAsync($"/actions/{shared}", _ => true, Token);
        await dashboard.UntilAsync("/actions/00112233445566778899", text => text.Contains("succeeded", StringComparison.Ordinal) && text.Contains("used up", StringComparison.Ordinal), Token);

        var explanation = await dashboard.ReadAsync($"{page}/explanation", Token);

        Assert.Contains("the action was held back: budget &#x27;mails&#x27; is used up until 13:00 UTC. The status of the action is succeeded: sent", explanation, StringComparison.Ordinal);
        Assert.Contains("as the earlier event earlier, so one action covers both. The status of the action is succeeded", explanation, StringComparison.Ordinal);
        Assert.Contains($"/actions/{shared}", explanation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_versions_of_the_rules_are_compared_and_the_usage_of_each_rule_is_shown()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await LoadAsync(dashboard, "v1", Now);
        await LoadAsync(dashboard, "v2", Then);
        await dashboard.ChangeAsync("00112233445566778899", "failed", SampleEvents.Create("RunStatusChanged"), Token, service: "notifier", rule: "former");
        await dashboard.UntilAsync("/actions/00112233445566778899", _ => true, Token);

        var page = await dashboard.UntilAsync("/rules/notifier?version=v2&with=v1", text => text.Contains("Changes from", StringComparison.Ordinal) && text.Contains("v2", StringComparison.Ordinal), Token);

        Assert.Contains("<span class=\"added\">&#x2B;   - name: off", page, StringComparison.Ordinal);
        Assert.Contains("did not fire in 30 days", page, StringComparison.Ordinal);
        Assert.Contains("no longer in force", page, StringComparison.Ordinal);
        Assert.Contains("No two rules acted on the same event", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task If_the_rules_in_force_cannot_be_read_no_rule_is_shown_as_removed()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await LoadAsync(dashboard, "v1", "alerts: [");
        await dashboard.ChangeAsync("00112233445566778899", "failed", SampleEvents.Create("RunStatusChanged"), Token, service: "notifier", rule: "failed");
        await dashboard.UntilAsync("/actions/00112233445566778899", _ => true, Token);

        var page = await dashboard.UntilAsync("/rules/notifier", text => text.Contains("v1", StringComparison.Ordinal), Token);

        Assert.Contains("Version v1 cannot be read, so it is not known which rules are in force: alerts.yaml(", page, StringComparison.Ordinal);
        Assert.Contains("not known whether in force", page, StringComparison.Ordinal);
        Assert.DoesNotContain("no longer in force", page, StringComparison.Ordinal);
    }

    private static string Text(JsonElement loaded) => loaded.GetProperty("files").GetProperty("alerts.yaml").GetString() ?? "";

    private static string? Outcome(JsonElement rule, string verdict) => rule.GetProperty(verdict).GetProperty("outcome").GetString();

    private static Task LoadAsync(DashboardFixture dashboard, string version, string rules) => dashboard.LoadAsync(version, rules, Token);
}
