namespace MLEvents.Cli.Tests;

/// <summary><c>mlevents deployments</c>.</summary>
public sealed class DeploymentsCommandTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rollback_prints_the_action_and_sends_its_options()
    {
        await using var service = (await FakeService.StartAsync(Token))
            .Answers("POST /deployments/rollback?endpoint=churn-scoring", """{"id":"a","detail":"all traffic of churn-scoring returns to blue"}""", 202)
            .Answers("POST /deployments/rollback?endpoint=churn-scoring&to=green&workspace=%2Fsubscriptions%2Fs&reason=it%20is%20slow", """{"id":"b","detail":"all traffic of churn-scoring returns to green"}""", 202);

        var plain = await CliRun.StartAsync("deployments", "rollback", "churn-scoring", "--url", service.Url);
        var named = await CliRun.StartAsync("deployments", "rollback", "churn-scoring", "--to", "green", "--workspace", "/subscriptions/s", "--reason", "it is slow", "--url", service.Url);

        Assert.Equal((0, "action a: all traffic of churn-scoring returns to blue"), (plain.Code, plain.Output.Trim()));
        Assert.Equal((0, "action b: all traffic of churn-scoring returns to green"), (named.Code, named.Output.Trim()));
    }

    [Fact]
    public async Task Start_prints_the_action()
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers("POST /deployments/start?rule=churn-rollout&model=churn%3A12&reason=by%20hand", """{"id":"a","detail":"rule churn-rollout rolls churn:12 out"}""", 202);

        var (code, output, _) = await CliRun.StartAsync("deployments", "start", "churn-rollout", "--model", "churn:12", "--reason", "by hand", "--url", service.Url);

        Assert.Equal((0, "action a: rule churn-rollout rolls churn:12 out"), (code, output.Trim()));
    }

    [Fact]
    public async Task A_refused_request_prints_the_reason()
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers(
            "POST /deployments/rollback?endpoint=churn", """{"title":"The request cannot be met.","detail":"There is no endpoint 'churn' in workspace ml."}""", 400);

        var (code, _, error) = await CliRun.StartAsync("deployments", "rollback", "churn", "--url", service.Url);

        Assert.NotEqual(0, code);
        Assert.Contains("There is no endpoint 'churn' in workspace ml.", error, StringComparison.Ordinal);
    }
}
