namespace MLEvents.Cli.Tests;

/// <summary><c>mlevents approvals</c>.</summary>
public sealed class ApprovalsCommandTests
{
    private const string Question = """{"id":"5186b2cc012397914252","service":"deployer","rule":"churn-rollout","before":"traffic","required":2,"decisions":[{"decision":"approved","by":"ann@example.com"}],"expiresAt":"2026-11-29T12:00:00+00:00","onTimeout":"reject","status":"open","event":{"id":"e-1"},"evidence":{"model":"churn:12","event":"x"}}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_prints_a_line_for_each_open_question()
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers("GET /approvals?rule=churn-rollout&limit=50", $$"""{"items":[{{Question}}],"continuation":null}""");

        var (code, output, error) = await CliRun.StartAsync("approvals", "list", "--rule", "churn-rollout", "--url", service.Url);

        Assert.Equal((0, ""), (code, error));
        Assert.Matches("5186b2cc012397914252 +deployer +churn-rollout +traffic +1 of 2 +2026-11-29 12:00:00 +reject +e-1 +model churn:12", output);
    }

    [Theory]
    [InlineData("approve")]
    [InlineData("reject")]
    public async Task A_decision_is_sent_with_its_comment_and_a_refusal_is_printed(string decision)
    {
        await using var service = (await FakeService.StartAsync(Token))
            .Answers($"POST /approvals/a/{decision}", Question)
            .Answers($"POST /approvals/b/{decision}", """{"title":"The decision was not recorded.","detail":"The question is settled: approved by ann@example.com."}""", 409);

        var first = await CliRun.StartAsync("approvals", decision, "a", "--comment", "because", "--url", service.Url);
        var second = await CliRun.StartAsync("approvals", decision, "b", "--url", service.Url);

        Assert.Equal((0, "5186b2cc012397914252 is open: 1 of 2 approvals"), (first.Code, first.Output.Trim()));
        Assert.Equal(1, second.Code);
        Assert.Contains("The question is settled", second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_prints_the_question_in_full()
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers("GET /approvals/a", Question);

        var (_, output, _) = await CliRun.StartAsync("approvals", "show", "a", "--url", service.Url);

        Assert.Contains("\"model\": \"churn:12\"", output, StringComparison.Ordinal);
    }
}
