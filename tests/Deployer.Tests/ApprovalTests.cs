using System.Text.Json;
using System.Text.Json.Nodes;

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
          - name: dry
            model: { name: dry }
            dryRun: true
            deploy: { endpoint: dry-scoring, location: westeurope }

        """;

    private readonly ServiceFixture _fixture = new("deployer", configure => DeployerService.Create(["--environment=Development"], configure));
    private SimulatedAzure? _azure;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SimulatedAzure Azure => _azure ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync()
    {
        _azure = await SimulatedAzure.StartAsync(Token);
        _fixture.Folder.Write("rules/deployments.yaml", Rules);
        foreach (var (name, value) in _azure.Settings)
        {
            _fixture.Settings[name] = value;
        }

        _fixture.Settings["Deployer:PollInterval"] = "00:00:00.050";
        _fixture.Settings["Ledger:LimitInterval"] = "00:00:00.200";
        await _fixture.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        await Azure.DisposeAsync();
    }

    [Fact]
    public async Task The_deployment_waits_without_traffic_until_it_is_approved()
    {
        var registered = await RegisterAsync("1");
        var question = await QuestionAsync();
        var before = await TrafficAsync();

        var (status, _) = await _fixture.Service.AskAsync(HttpMethod.Post, $"/approvals/{Text(question, "id")}/approve", Token);
        var end = await _fixture.EndOfAsync("approved", registered, Token);

        Assert.Equal(("churn:1", "traffic", "ml-leads@example.com"), (Text(question, "evidence", "model"), Text(question, "before"), question.GetProperty("from")[0].GetString()));
        Assert.Equal(("no traffic", $"{Text(question, "evidence", "deployment")?.Split(' ')[0]} 100%"), (Text(question, "evidence", "traffic now"), Text(question, "evidence", "traffic after the first step")));
        Assert.Equal(("{}", 200, "succeeded"), (before, status, end.Status));
        Assert.Contains(":100", await TrafficAsync(), StringComparison.Ordinal);
        Assert.Single(await Azure.ListAsync("deployments", Token));
        var stages = _fixture.Activity.All.Where(action => action.ActionId == end.ActionId).Select(action => action.Stage).Distinct();
        Assert.Equal(["", Stages.EndpointCreating, Stages.DeploymentCreating, Stages.TrafficMoving, LedgerStages.AwaitingApproval], stages);
    }

    [Fact]
    public async Task A_rejected_roll_out_ends_as_skipped_and_moves_no_traffic()
    {
        var registered = await RegisterAsync("1");
        var question = await QuestionAsync();

        await _fixture.Service.AskAsync(HttpMethod.Post, $"/approvals/{Text(question, "id")}/reject", Token);
        var end = await _fixture.EndOfAsync("approved", registered, Token);

        Assert.Equal(("skipped", "rejected by operator", "{}"), (end.Status, end.Detail, await TrafficAsync()));
    }

    [Fact]
    public async Task A_question_is_closed_when_a_newer_version_is_in_service()
    {
        var older = await RegisterAsync("1");
        await QuestionAsync();

        await Azure.RegisterAsync("churn", "99", Token);
        var direct = SampleEvents.Create("ModelRegistered", """{ "ModelName": "churn", "ModelVersion": "99" }""", "direct");
        await _fixture.PublishAsync(direct, Token);
        Assert.Equal("succeeded", (await _fixture.EndOfAsync("direct", direct, Token)).Status);
        var end = await _fixture.EndOfAsync("approved", older, Token);

        Assert.Equal("skipped", end.Status);
        Assert.Contains("already serves a newer version of churn than 1", end.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_creates_nothing_and_says_what_it_would_do()
    {
        await Azure.RegisterAsync("dry", "1", Token);
        var registered = SampleEvents.Create("ModelRegistered", """{ "ModelName": "dry", "ModelVersion": "1" }""", "models/dry:1");

        await _fixture.PublishAsync(registered, Token);
        var end = await _fixture.EndOfAsync("dry", registered, Token);

        Assert.Equal("skipped", end.Status);
        Assert.StartsWith("dry run: nothing was changed; the action would execute model: dry:1, deployment: m1-", end.Detail, StringComparison.Ordinal);
        Assert.Equal((0, 0), (await Azure.CallsAsync("OnlineEndpoints_CreateOrUpdate", Token), await Azure.CallsAsync("OnlineDeployments_CreateOrUpdate", Token)));
    }

    private async Task<WorkflowEvent> RegisterAsync(string version)
    {
        await Azure.RegisterAsync("churn", version, Token);
        var registered = SampleEvents.Create("ModelRegistered", $$"""{ "ModelName": "churn", "ModelVersion": "{{version}}" }""", $"models/churn:{version}");
        await _fixture.PublishAsync(registered, Token);
        return registered;
    }

    private async Task<JsonElement> QuestionAsync() =>
        (await _fixture.Service.AskUntilAsync("/approvals", page => page.GetProperty("items").GetArrayLength() == 1, Token)).GetProperty("items")[0];

    private static string? Text(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            element = element.GetProperty(name);
        }

        return element.GetString();
    }

    private async Task<string?> TrafficAsync()
    {
        JsonNode endpoint = Assert.Single(await Azure.ListAsync("endpoints", Token));
        return endpoint["properties"]?["traffic"]?.ToJsonString();
    }
}
