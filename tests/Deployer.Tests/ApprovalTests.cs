using System.Text.Json;

using MLEvents.Deployer.Steps;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Deployer.Tests;

/// <summary>Roll-outs that need an approval, and dry runs, over the wire.</summary>
public sealed class ApprovalTests : IAsyncLifetime
{
    private const string Rules = """
        deployments:
          - name: approved
            model: { name: churn }
            deploy: { endpoint: churn-scoring, location: westeurope }
            approval: { from: [ml-leads@example.com] }
          - name: direct
            model: { name: churn, version: "99" }
            when: { subjectBeginsWith: direct }
            deploy: { endpoint: churn-scoring, location: westeurope }
          - name: measured
            model: { name: sales, metrics: { auc: { min: 0.8 } } }
            deploy: { endpoint: sales-scoring, location: westeurope }
            strategy: { steps: [100], bake: 50ms, verify: { request: { input: [1] }, expect: { status: 200 } } }
            approval: { from: [ml-leads@example.com] }
          - name: dry
            model: { name: dry }
            dryRun: true
            deploy: { endpoint: dry-scoring, location: westeurope }

        """;

    private readonly RolloutFixture _rollouts = new(Rules, ("Ledger:LimitInterval", "00:00:00.200"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SimulatedAzure Azure => _rollouts.Azure;

    public ValueTask InitializeAsync() => _rollouts.StartAsync();

    public ValueTask DisposeAsync() => _rollouts.DisposeAsync();

    [Fact]
    public async Task The_deployment_waits_without_traffic_until_it_is_approved()
    {
        var registered = await _rollouts.RegisterAsync("1");
        var question = await QuestionAsync();
        var before = await _rollouts.StoredTrafficAsync();

        var (status, _) = await _rollouts.Deployer.Service.AskAsync(HttpMethod.Post, $"/approvals/{Text(question, "id")}/approve", Token);
        var end = await _rollouts.Deployer.EndOfAsync("approved", registered, Token);

        Assert.Equal(("churn:1", "traffic", "ml-leads@example.com"), (Text(question, "evidence", "model"), Text(question, "before"), question.GetProperty("from")[0].GetString()));
        Assert.Equal(("no traffic", $"{Text(question, "evidence", "deployment")?.Split(' ')[0]} 100%"), (Text(question, "evidence", "traffic now"), Text(question, "evidence", "traffic after the first step")));
        Assert.Equal(("{}", 200, "succeeded"), (before, status, end.Status));
        Assert.Contains(":100", await _rollouts.StoredTrafficAsync(), StringComparison.Ordinal);
        Assert.Single(await Azure.ListAsync("deployments", Token));
        Assert.Equal(["", Stages.EndpointCreating, Stages.DeploymentCreating, Stages.TrafficMoving, LedgerStages.AwaitingApproval], _rollouts.StagesOf(end));
    }

    [Fact]
    public async Task The_evidence_shows_the_metrics_of_both_models_and_the_result_of_the_verification()
    {
        var first = await RegisterSalesAsync("1", "0.85");
        var question = await QuestionAsync();
        await _rollouts.Deployer.Service.AskAsync(HttpMethod.Post, $"/approvals/{Text(question, "id")}/approve", Token);
        var end = await _rollouts.Deployer.EndOfAsync("measured", first, Token);
        await RegisterSalesAsync("2", "0.91");
        var second = await QuestionAsync();

        Assert.Equal("succeeded", end.Status);
        Assert.Equal("0.85", Text(question, "evidence", "metric auc"));
        Assert.Equal($"0.91; model in service (sales:1 in m1-{end.ActionId[..8]}): 0.85", Text(second, "evidence", "metric auc"));
        Assert.Matches("^deployment m2-[0-9a-f]{8} passed 1 check: 'verify' was answered once, percentile", Text(second, "evidence", "verification"));
    }

    [Fact]
    public async Task A_rejected_roll_out_ends_as_skipped_and_moves_no_traffic()
    {
        var registered = await _rollouts.RegisterAsync("1");
        var question = await QuestionAsync();

        await _rollouts.Deployer.Service.AskAsync(HttpMethod.Post, $"/approvals/{Text(question, "id")}/reject", Token);
        var end = await _rollouts.Deployer.EndOfAsync("approved", registered, Token);

        Assert.Equal(("skipped", "rejected by operator", "{}"), (end.Status, end.Detail, await _rollouts.StoredTrafficAsync()));
    }

    [Fact]
    public async Task A_question_is_closed_when_a_newer_version_is_in_service()
    {
        var older = await _rollouts.RegisterAsync("1");
        await QuestionAsync();

        await Azure.RegisterAsync("churn", "99", Token);
        var direct = SampleEvents.Create("ModelRegistered", """{ "ModelName": "churn", "ModelVersion": "99" }""", "direct");
        await _rollouts.Deployer.PublishAsync(direct, Token);
        Assert.Equal("succeeded", (await _rollouts.Deployer.EndOfAsync("direct", direct, Token)).Status);
        var end = await _rollouts.Deployer.EndOfAsync("approved", older, Token);

        Assert.Equal("skipped", end.Status);
        Assert.Contains("already serves a newer version of model churn than version 1,", end.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_creates_nothing_and_says_what_it_would_do()
    {
        await Azure.RegisterAsync("dry", "1", Token);
        var registered = SampleEvents.Create("ModelRegistered", """{ "ModelName": "dry", "ModelVersion": "1" }""", "models/dry:1");

        await _rollouts.Deployer.PublishAsync(registered, Token);
        var end = await _rollouts.Deployer.EndOfAsync("dry", registered, Token);

        Assert.Equal("skipped", end.Status);
        Assert.StartsWith("dry run: nothing was changed; the action would execute model: dry:1, deployment: m1-", end.Detail, StringComparison.Ordinal);
        Assert.Equal((0, 0), (await Azure.CallsAsync("OnlineEndpoints_CreateOrUpdate", Token), await Azure.CallsAsync("OnlineDeployments_CreateOrUpdate", Token)));
    }

    private async Task<WorkflowEvent> RegisterSalesAsync(string version, string auc)
    {
        await Azure.RegisterAsync("sales", version, Token);
        await Azure.TagModelAsync("sales", version, $$"""{ "auc": "{{auc}}" }""", Token);
        var registered = SampleEvents.Create("ModelRegistered", $$"""{ "ModelName": "sales", "ModelVersion": "{{version}}" }""", $"models/sales:{version}");
        await _rollouts.Deployer.PublishAsync(registered, Token);
        return registered;
    }

    private async Task<JsonElement> QuestionAsync() =>
        (await _rollouts.Deployer.Service.AskUntilAsync("/approvals", page => page.GetProperty("items").GetArrayLength() == 1, Token)).GetProperty("items")[0];

    private static string? Text(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            element = element.GetProperty(name);
        }

        return element.GetString();
    }
}
