using System.CommandLine;

using Microsoft.Extensions.Time.Testing;

using MLEvents.Cli.Operating;
using MLEvents.Tests.Common;

namespace MLEvents.Cli.Tests;

/// <summary><c>mlevents actions</c>.</summary>
public sealed class ActionsCommandTests
{
    private const string Action = """{"id":"5186b2cc012397914252","service":"retrainer","rule":"churn","status":"failed","stage":"job-submitted","attempt":3,"updatedAt":"2026-11-01T12:00:00+00:00","event":{"id":"e-1"},"detail":"job ended as Failed"}""";

    private static string Failed(string id, string detail) => $$"""{"id":"{{id}}","rule":"churn","status":"failed","generation":4,"detail":"{{detail}}"}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_prints_a_line_for_each_action_with_the_status_and_the_rule()
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers("GET /actions?status=failed&rule=churn&limit=50", $$"""{"items":[{{Action}}],"continuation":null}""");

        var (code, output, error) = await CliRun.StartAsync("actions", "list", "--status", "failed", "--rule", "churn", "--url", service.Url);

        Assert.Equal((0, ""), (code, error));
        Assert.Matches("5186b2cc012397914252 +retrainer +churn +failed +job-submitted +3 +2026-11-01 12:00:00 +e-1 +job ended as Failed", output);
    }

    [Theory]
    [InlineData("--status succeeded --rule churn", "status=succeeded&rule=churn")]
    [InlineData("--correlation c-1", "correlation=c-1")]
    [InlineData("--since 2026-11-01T12:00:00Z --until 2026-11-02T00:00:00+02:00 --status failed", "status=failed&since=2026-11-01T12%3A00%3A00.000Z&until=2026-11-01T22%3A00%3A00.000Z")]
    [InlineData("--history --error no", "error=no")]
    public async Task Actions_that_the_services_do_not_list_come_from_the_history_of_the_dashboard(string arguments, string query)
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers($"GET /api/actions?{query}&limit=50", $$"""{"items":[{{Action}}],"continuation":null}""");

        var (code, output, error) = await CliRun.StartAsync(["actions", "list", .. arguments.Split(' '), "--dashboard", service.Url]);

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("5186b2cc012397914252", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("99999999h")]
    [InlineData("2147483647m")]
    [InlineData("2147483647d")]
    public async Task A_very_long_time_span_selects_all_actions(string age)
    {
        await using var service = await FakeService.StartAsync(Token);

        await CliRun.StartAsync("actions", "list", "--since", age, "--dashboard", service.Url);

        Assert.Contains(service.Asked, request => request.StartsWith("GET /api/actions?since=17", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("list", "--since", "yesterday")]
    [InlineData("retry", "--rule", "churn")]
    [InlineData("retry", "--status", "failed", "--force")]
    [InlineData("retry", "--status", "failed", "--rate", "0")]
    [InlineData("list", "--status", "done")]
    public async Task Invalid_options_and_combinations_are_refused(params string[] arguments) => Assert.Equal(2, (await CliRun.StartAsync(["actions", .. arguments])).Code);

    [Fact]
    public async Task A_plan_shows_the_changes_of_a_retry_with_the_current_rules()
    {
        await using var service = (await FakeService.StartAsync(Token))
            .Answers("GET /actions/a/difference", """{"outcome":"changed","ruleVersion":"v2","changes":["plan.to[0]: a@example.org -> b@example.org"],"refusal":null}""")
            .Answers("POST /actions/a/retry?currentRules=true", """{"id":"a","status":"running","detail":"restarted"}""");

        var plan = await CliRun.StartAsync("actions", "retry", "a", "--current-rules", "--plan", "--url", service.Url);
        var retry = await CliRun.StartAsync("actions", "retry", "a", "--current-rules", "--url", service.Url);

        Assert.Equal((0, "with the current rules: changed\n  plan.to[0]: a@example.org -> b@example.org"), (plan.Code, plan.Output.ReplaceLineEndings("\n").Trim()));
        Assert.Equal((0, "a is running: restarted"), (retry.Code, retry.Output.Trim()));
    }

    [Fact]
    public async Task The_plan_of_a_bulk_retry_shows_counts_and_differences_and_changes_nothing()
    {
        await using var service = (await FakeService.StartAsync(Token))
            .Answers("GET /actions?status=failed&rule=churn&error=535&limit=200", $$"""{"items":[{{Failed("a", "535 no")}},{{Failed("b", "535 no")}},{{Failed("c", "535 other")}}],"continuation":null}""")
            .Answers("GET /actions/a/difference", """{"outcome":"same","changes":[],"refusal":null}""")
            .Answers("GET /actions/b/difference", """{"outcome":"changed","changes":["plan.subject: x -> y"],"refusal":null}""")
            .Answers("GET /actions/c/difference", """{"outcome":"refused","changes":[],"refusal":"No rule 'churn' matches the event now."}""");

        var (code, output, error) = await CliRun.StartAsync("actions", "retry", "--status", "failed", "--rule", "churn", "--error", "535", "--current-rules", "--plan", "--url", service.Url);

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(
            [
                $"{service.Url}: 3 actions to retry", "  rule churn: 3 actions", "        2  535 no", "        1  535 other", "  b: changed", "    plan.subject: x -> y",
                "  c: refused No rule 'churn' matches the event now.", "  with the current rules: 1 changed, 1 refused, 1 same",
            ],
            output.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain(service.Asked, asked => asked.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_bulk_retry_retries_the_listed_generation_of_each_action_once_and_can_be_resumed()
    {
        const string Until = "2026-11-01T13:00:00Z";
        await using var service = (await FakeService.StartAsync(Token))
            .Answers("GET /actions?status=failed&until=2026-11-01T13%3A00%3A00.000Z&limit=200", $$"""{"items":[{{Failed("a", "x")}},{{Failed("b", "x")}}],"continuation":null}""")
            .Answers("POST /actions/a/retry?generation=4&currentRules=true&reason=fixed", """{"id":"a","status":"running"}""")
            .Answers("POST /actions/b/retry?generation=4&currentRules=true&reason=fixed", """{"title":"The action was not changed.","detail":"The action was restarted since; it is in generation 5, not 4."}""", 409);

        var (code, output, error) = await CliRun.StartAsync("actions", "retry", "--status", "failed", "--until", Until, "--current-rules", "--rate", "100", "--reason", "fixed", "--url", service.Url);

        Assert.Equal((0, $"{service.Url}: 1 action retried, 1 not retried"), (code, output.Trim()));
        Assert.Contains("b: ", error, StringComparison.Ordinal);
        Assert.Contains("it is in generation 5, not 4", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bulk_retry_keeps_to_its_rate()
    {
        await using var service = (await FakeService.StartAsync(Token))
            .Answers("GET /actions?status=failed&until=2026-11-01T13%3A00%3A00.000Z&limit=200", $$"""{"items":[{{Failed("a", "x")}},{{Failed("b", "x")}},{{Failed("c", "x")}}],"continuation":null}""")
            .Answers("POST /actions/a/retry?generation=4", """{"id":"a","status":"running"}""")
            .Answers("POST /actions/b/retry?generation=4", """{"id":"b","status":"running"}""")
            .Answers("POST /actions/c/retry?generation=4", """{"id":"c","status":"running"}""");
        var begin = TimeProvider.System.GetTimestamp();

        var (code, output, _) = await CliRun.StartAsync("actions", "retry", "--status", "failed", "--until", "2026-11-01T13:00:00Z", "--rate", "2", "--url", service.Url);

        Assert.Equal((0, $"{service.Url}: 3 actions retried"), (code, output.Trim()));
        Assert.True(TimeProvider.System.GetElapsedTime(begin) > TimeSpan.FromSeconds(0.9), "three actions were retried in less than a second at a rate of two a second");
    }

    [Fact]
    public async Task A_bulk_retry_that_ends_early_says_how_to_resume_it()
    {
        await using var service = await FakeService.StartAsync(Token);

        var (code, _, error) = await CliRun.StartAsync("actions", "retry", "--status", "failed", "--url", service.Url);

        Assert.NotEqual(0, code);
        Assert.Matches(@"To resume, repeat the command with --until \d{4}-\d\d-\d\dT[\d:.]+Z\.", error);
    }

    [Fact]
    public async Task A_bulk_retry_reports_the_actions_beyond_its_limit()
    {
        await using var service = (await FakeService.StartAsync(Token))
            .Answers("GET /actions?status=failed&until=2026-11-01T13%3A00%3A00.000Z&limit=200", $$"""{"items":[{{Failed("a", "x")}}],"continuation":"next"}""")
            .Answers("GET /actions?status=failed&until=2026-11-01T13%3A00%3A00.000Z&limit=200&continuation=next", $$"""{"items":[{{Failed("b", "x")}},{{Failed("c", "x")}}],"continuation":null}""")
            .Answers("POST /actions/a/retry?generation=4", """{"id":"a","status":"running"}""");
        var (options, filter, command) = (new OperatorOptions(), new ActionFilterOptions("failed"), new RootCommand());
        filter.AddTo(command);
        options.AddTo(command);
        var parsed = command.Parse(["--status", "failed", "--until", "2026-11-01T13:00:00Z", "--url", service.Url]);
        using StringWriter output = new(), error = new();
        var retry = new BulkRetry(parsed, new Terminal(output, error), options, filter, TimeProvider.System) { Limit = 1 };

        var plan = await retry.PlanAsync(useCurrentRules: false, Token);
        var code = await retry.RunAsync(useCurrentRules: false, rate: 100, reason: null, Token);

        Assert.Equal((0, 1), (plan, code));
        Assert.Contains($"{service.Url}: 1 action to retry, and 2 more that need further commands", output.ToString(), StringComparison.Ordinal);
        Assert.Contains($"{service.Url}: 1 action retried", output.ToString(), StringComparison.Ordinal);
        Assert.Equal($"{service.Url}: 2 actions left, because one command retries at most 1 action of a service. Repeat the command for the others.", error.ToString().Trim());
        Assert.Single(service.Asked, asked => asked.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_bulk_retry_reads_time_spans_with_its_clock()
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers(
            "GET /actions?status=failed&since=2026-11-01T06%3A00%3A00.000Z&until=2026-11-01T12%3A00%3A00.000Z&limit=200", """{"items":[],"continuation":null}""");
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));
        var (options, filter, command) = (new OperatorOptions(), new ActionFilterOptions("failed"), new RootCommand());
        filter.AddTo(command);
        options.AddTo(command);
        var parsed = command.Parse(["--status", "failed", "--since", "6h", "--url", service.Url]);
        using StringWriter output = new(), error = new();

        var code = await new BulkRetry(parsed, new Terminal(output, error), options, filter, time).RunAsync(useCurrentRules: false, rate: 1, reason: null, Token);

        Assert.Equal((0, $"{service.Url}: 0 actions retried", ""), (code, output.ToString().Trim(), error.ToString()));
    }

    [Fact]
    public async Task Help_names_the_addresses_of_the_services_on_this_machine()
    {
        var (code, output, _) = await CliRun.StartAsync("actions", "list", "--help");

        Assert.Equal(0, code);
        Assert.All(["http://localhost:5101", "http://localhost:5102", "http://localhost:5103"], url => Assert.Contains(url, output.ReplaceLineEndings(" "), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Retry_prints_the_new_state_of_the_action_and_sends_force()
    {
        await using var service = (await FakeService.StartAsync(Token))
            .Answers("POST /actions/a/retry", """{"title":"The action was not changed.","detail":"The action is succeeded. Retry it with force=true to execute it again."}""", 409)
            .Answers("POST /actions/a/retry?force=true", """{"id":"a","status":"running","detail":"restarted by an operator with force"}""");

        var plain = await CliRun.StartAsync("actions", "retry", "a", "--url", service.Url);
        var forced = await CliRun.StartAsync("actions", "retry", "a", "--force", "--url", service.Url);

        Assert.Equal(1, plain.Code);
        Assert.Contains("Retry it with force=true to execute it again.", plain.Error, StringComparison.Ordinal);
        Assert.Equal((0, "a is running: restarted by an operator with force"), (forced.Code, forced.Output.Trim()));
    }

    [Fact]
    public async Task The_reason_of_a_retry_or_cancellation_is_sent()
    {
        await using var service = (await FakeService.StartAsync(Token))
            .Answers("POST /actions/a/retry?force=true&reason=data%20fixed", """{"id":"a","status":"running"}""")
            .Answers("POST /actions/a/cancel?reason=superseded", """{"id":"a","status":"skipped"}""");

        var retry = await CliRun.StartAsync("actions", "retry", "a", "--force", "--reason", "data fixed", "--url", service.Url);
        var cancel = await CliRun.StartAsync("actions", "cancel", "a", "--reason", "superseded", "--url", service.Url);
        var tooLong = await CliRun.StartAsync("actions", "cancel", "a", "--reason", new string('x', 501), "--url", service.Url);

        Assert.Equal((0, 0, 2), (retry.Code, cancel.Code, tooLong.Code));
        Assert.Equal(2, service.Asked.Count());
    }

    [Fact]
    public async Task Cancel_prints_the_new_state_of_the_action()
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers("POST /actions/a/cancel", """{"id":"a","status":"skipped","detail":"cancelled by an operator"}""");

        Assert.Equal((0, "a is skipped: cancelled by an operator"), ((await CliRun.StartAsync("actions", "cancel", "a", "--url", service.Url)) is var (code, output, _) ? (code, output.Trim()) : default));
    }

    [Fact]
    public async Task Cancel_can_leave_the_run_of_the_action_running()
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers("POST /actions/a/cancel?leaveRunning=true", """{"id":"a","status":"skipped","detail":"its job continues"}""");

        Assert.Equal((0, "a is skipped: its job continues"), ((await CliRun.StartAsync("actions", "cancel", "a", "--leave-running", "--url", service.Url)) is var (code, output, _) ? (code, output.Trim()) : default));
    }

    [Fact]
    public async Task Show_prints_the_action_in_full()
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers("GET /actions/a", """{"id":"a","status":"failed","plan":{"kind":"pipelineJob"},"dueAt":null}""");

        var (_, output, _) = await CliRun.StartAsync("actions", "show", "a", "--url", service.Url);

        Assert.Contains("\"kind\": \"pipelineJob\"", output, StringComparison.Ordinal);
        Assert.DoesNotContain("dueAt", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreachable_service_leads_to_exit_code_3()
    {
        var (code, output, error) = await CliRun.StartAsync("actions", "list", "--url", $"http://127.0.0.1:{FreePort.Next()}");

        Assert.Equal((3, ""), (code, output));
        Assert.Contains("could not be reached", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("actions list --status failed", "GET /actions?status=failed&limit=50", "[]", "it is not an object")]
    [InlineData("actions list --status failed", "GET /actions?status=failed&limit=50", "{}", "'items' is missing")]
    [InlineData("actions list --status failed", "GET /actions?status=failed&limit=50", """{"items":{},"continuation":null}""", "'items' is not a list")]
    [InlineData("actions list --status failed", "GET /actions?status=failed&limit=50", """{"items":["a"],"continuation":null}""", "an entry of 'items' is not an object")]
    [InlineData("actions list --status failed", "GET /actions?status=failed&limit=50", """{"items":[]}""", "'continuation' is missing")]
    [InlineData("actions list --status failed", "GET /actions?status=failed&limit=50", """{"items":[],"continuation":1}""", "'continuation' is not a string")]
    [InlineData("actions list --status failed", "GET /actions?status=failed&limit=50", """{"items":[],"continuation":"\ud800"}""", "it contains bytes that are not UTF-8, or half of a surrogate pair")]
    [InlineData("actions list --status failed", "GET /actions?status=failed&limit=50", """{"items":[{"id":"a","detail":"\ud800"}],"continuation":null}""", "it contains bytes that are not UTF-8, or half of a surrogate pair")]
    [InlineData("actions show a", "GET /actions/a", """{"id":"a","detail":"\ud800"}""", "it contains bytes that are not UTF-8, or half of a surrogate pair")]
    [InlineData("actions show a", "GET /actions/a", "null", "it is not an object")]
    [InlineData("actions retry a --plan", "GET /actions/a/difference", """{"outcome":"changed"}""", "'changes' is missing")]
    [InlineData("actions retry a --plan", "GET /actions/a/difference", """{"outcome":"changed","changes":"none"}""", "'changes' is not a list")]
    [InlineData("explain e-1", "GET /api/events/e-1/explanation", """{"services":[{"rules":[{"then":{"why":{}}}]}]}""", "'parts' is missing")]
    public async Task An_answer_of_another_form_leads_to_exit_code_3_and_an_error_that_names_the_difference(string command, string request, string answer, string problem)
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers(request, answer);

        var (code, output, error) = await CliRun.StartAsync([.. command.Split(' '), "--url", service.Url]);

        Assert.Equal((3, ""), (code, output));
        Assert.Equal($"{service.Url} gave an unexpected answer: {problem}. Check that the address belongs to a service, and that the service and mlevents have the same version.", error.Trim());
    }

    [Fact]
    public async Task An_action_that_no_service_has_leads_to_exit_code_1()
    {
        await using var service = await FakeService.StartAsync(Token);

        var (code, _, error) = await CliRun.StartAsync("actions", "show", "a", "--url", service.Url);

        Assert.Equal(1, code);
        Assert.Contains("answered 404: There is no such thing here.", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("actions", "list", "--url", "http://ingress.example.org", "--token", "secret")]
    [InlineData("quarantine", "list", "--url", "http://ingress.example.org", "--token", "secret")]
    [InlineData("dead-letters", "replay", "--all", "--url", "http://ingress.example.org", "--token", "secret")]
    [InlineData("send", "event.json", "--to", "http://ingress.example.org/events", "--key", "secret")]
    [InlineData("send", "event.json", "--to", "http://ingress.example.org/events?code=secret")]
    public async Task A_secret_is_not_sent_over_plain_http_to_another_machine(params string[] arguments)
    {
        var (code, output, error) = await CliRun.StartAsync(arguments);

        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("http://ingress.example.org is not encrypted, so ", error, StringComparison.Ordinal);
        Assert.Contains("--insecure", error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://ingress.example.org", true)]
    [InlineData("https://ingress.example.org", false)]
    [InlineData("http://localhost:5100", false)]
    public void A_secret_may_be_sent_over_https_or_to_this_machine_or_with_the_option_insecure(string address, bool insecure) =>
        Assert.Null(Record.Exception(() => PlainHttp.Check(new Uri(address), "the token", insecure)));

    [Fact]
    public async Task The_local_token_is_sent_to_this_machine_when_the_command_has_no_token()
    {
        await using var service = await FakeService.StartAsync(Token);

        await CliRun.StartAsync("actions", "show", "a", "--url", service.Url);

        Assert.Equal(["Bearer local-development-key"], service.Authorizations);
    }
}
