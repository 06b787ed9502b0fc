using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

using MLEvents.Deployer.Operators;
using MLEvents.Deployer.Queueing;
using MLEvents.Deployer.Steps;
using MLEvents.Ledger;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Deployer.Tests;

/// <summary>Roll-backs and roll-outs that an operator requests. The request is recorded, and the action ends when Azure has confirmed the traffic.</summary>
public sealed class RollbackTests
{
    private readonly FakeAzure _azure = new() { TakesEffect = true };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("green=100", "blue")]
    [InlineData("green=50 blue=0 black=50", "black")]
    [InlineData("black=100", null)]
    [InlineData("", null)]
    public void A_roll_back_selects_the_earlier_deployment_with_the_most_traffic_or_the_newest_if_none_has_traffic(string traffic, string? expected)
    {
        _azure.HasDeploymentOf("black", "r", 1);
        _azure.HasDeploymentOf("blue", "r", 2);
        _azure.HasDeploymentOf("broken", "r", 3, "Failed");
        _azure.HasDeploymentOf("green", "r", 4);
        _azure.HasDeploymentOf("newer", "r", 5);
        HasTraffic(traffic);

        var (target, fault) = Find();

        Assert.Equal(expected, target);
        Assert.Equal(expected is null ? "Endpoint 'churn-scoring' has no earlier deployment. The deployments of the endpoint are: black, blue, broken, green, newer." : null, fault);
    }

    [Theory]
    [InlineData("blue green:4", "green=100", null, "blue")]
    [InlineData("blue black green:4", "green=100", null, "blue, black")]
    [InlineData("blue black:1 green:4", "green=100", null, "blue")]
    [InlineData("blue:1 green", "green=100", null, "green")]
    [InlineData("blue green", "green=100", null, "blue, green")]
    [InlineData("blue:1 green", "green=90 blue=10", null, "green")]
    [InlineData("old blue:1 green:4", "green=90 blue=10", "blue", null)]
    public void A_roll_back_does_not_guess_between_deployments_of_unknown_age(string deployments, string traffic, string? expected, string? undated)
    {
        Has(deployments, traffic);

        var (target, fault) = Find();

        Assert.Equal(expected, target);
        Assert.Equal(undated is null ? null : $"Azure does not return when these deployments were created: {undated}. Set 'to' to the deployment that is to get all traffic.", fault?.Split(", because ")[^1].Split(" The deployments of")[0]);
    }

    [Fact]
    public void If_an_endpoint_has_only_one_deployment_there_is_no_earlier_deployment_even_if_its_age_is_unknown()
    {
        Has("green", "green=100");

        Assert.Equal("Endpoint 'churn-scoring' has no earlier deployment. The deployments of the endpoint are: green.", Find().Fault);
    }

    [Fact]
    public void An_operator_can_name_a_deployment_of_unknown_age()
    {
        Has("blue black green", "green=100");

        Assert.Equal("black", Find("black").Deployment);
        Assert.Equal("Endpoint 'churn-scoring' has no deployment 'red'. The deployments of the endpoint are: blue, black, green.", Find("red").Fault);
    }

    [Fact]
    public async Task A_roll_back_ends_when_azure_confirms_it_and_says_what_the_traffic_was()
    {
        _azure.HasEndpoint("Succeeded", ("green", 90), ("black", 10));
        _azure.HasDeployment("blue");
        var driver = Driver();

        var end = Assert.IsType<Succeeded>(await driver.RunAsync());

        Assert.Equal("Azure confirmed that the traffic of churn-scoring is blue 100%; it was black 10%, green 90%", end.Detail);
        Assert.Equal([Stages.Queued, Stages.RollingBack], driver.Stages);
        Assert.Null(_azure.LockHolder);
        Assert.Empty(_azure.Queue.Entries);
    }

    [Theory]
    [InlineData(null, "deployment blue of churn-scoring does not exist or is not ready; the traffic stays green 100%")]
    [InlineData("Failed", "deployment blue of churn-scoring does not exist or is not ready; the traffic stays green 100%")]
    [InlineData("Succeeded", "endpoint churn-scoring is Failed after 5 updates of its traffic, which is green 100%")]
    public async Task A_roll_back_that_is_not_possible_says_why(string? state, string expected)
    {
        _azure.HasEndpoint("Succeeded", ("green", 100));
        _azure.StateAfterUpdate = "Failed";
        if (state is not null)
        {
            _azure.HasDeployment("blue", state);
        }

        Assert.Equal(expected, Assert.IsType<Failed>(await Driver().RunAsync()).Detail);
    }

    [Fact]
    public void A_roll_back_supersedes_every_roll_out_and_nothing_supersedes_it()
    {
        var rollback = new QueuedRollout("r", "", "", TestData.Now, DateTimeOffset.MaxValue) { IsRollback = true };
        var rollout = new QueuedRollout("a", "churn", "3", TestData.Now, DateTimeOffset.MaxValue);
        var queue = new EndpointQueue([rollout, rollback, rollout with { Action = "b", Version = "4" }]);

        Assert.Equal("r", queue.PositionOf("a").Newer?.Action);
        Assert.Null(queue.PositionOf("r").Newer);
        Assert.Equal("r", queue.PositionOf("b").Newer?.Action);
    }

    [Fact]
    public async Task An_operator_starts_a_roll_out_and_rolls_it_back_over_the_wire()
    {
        await using var azure = await SimulatedAzure.StartAsync(Token);
        await using var fixture = new ServiceFixture("deployer", configure => DeployerService.Create(["--environment=Development"], configure));
        fixture.Folder.Write("rules/deployments.yaml", """
            deployments:
              - { name: by-hand, when: { includedEventTypes: [RunCompleted] }, deploy: { endpoint: churn-scoring, location: westeurope } }

            """);
        foreach (var (name, value) in azure.Settings.Append(new("Deployer:PollInterval", "00:00:00.050")).Append(new("AzureML:Workspaces:0", SampleEvents.Workspace)))
        {
            fixture.Settings[name] = value;
        }

        await fixture.StartAsync(Token);
        await azure.RegisterAsync("churn", "1", Token);
        await azure.RegisterAsync("churn", "2", Token);

        var first = await EndAsync(fixture, "start?rule=by-hand&model=churn:1");
        var second = await EndAsync(fixture, "start?rule=by-hand&model=churn:2&reason=the%20gate%20is%20too%20strict");
        var shown = await ShowAsync(fixture, "?endpoint=churn-scoring");
        var back = await EndAsync(fixture, "rollback?endpoint=churn-scoring&reason=it%20answers%20nonsense");

        Assert.Equal(("succeeded", "succeeded", "succeeded"), (first.Status, second.Status, back.Status));
        Assert.Equal(("rollback", "MLEvents.RollbackRequested"), (back.Rule, back.Event.Type));
        Assert.StartsWith($"Azure confirmed that the traffic of churn-scoring is m1-{first.ActionId[..8]} 100%; it was m2-{second.ActionId[..8]} 100%", back.Detail, StringComparison.Ordinal);
        Assert.Equal([("roll-out", "operator", null), ("roll-out", "operator", "the gate is too strict"), ("roll-back", "operator", "it answers nonsense")], new[] { first, second, back }.Select(action => (action.Intervention?.Operation, action.Intervention?.By, action.Intervention?.Reason)));
        var accepted = await fixture.Activity.FirstAsync(action => action.ActionId == back.ActionId && action.Status == "accepted", Token);
        Assert.Equal("requested by an operator from 127.0.0.1; reason: it answers nonsense", accepted.Detail);
        Assert.Contains("'reason' can have at most 500 characters", await RefusalAsync(fixture, $"rollback?endpoint=churn-scoring&reason={new string('x', 501)}"), StringComparison.Ordinal);
        Assert.Contains("'reason' can have at most 500 characters", await RefusalAsync(fixture, $"start?rule=by-hand&model=churn:1&reason={new string('x', 501)}"), StringComparison.Ordinal);
        Assert.Contains("no deployment 'nope'. The deployments of the endpoint are: m", await RefusalAsync(fixture, "rollback?endpoint=churn-scoring&to=nope"), StringComparison.Ordinal);
        Assert.Contains("There is no endpoint 'other'", await RefusalAsync(fixture, "rollback?endpoint=other"), StringComparison.Ordinal);
        Assert.Contains("'x' is not the ARM id of a workspace", await RefusalAsync(fixture, "rollback?endpoint=other&workspace=x"), StringComparison.Ordinal);
        Assert.Contains("'endpoint' is missing", await RefusalAsync(fixture, "rollback"), StringComparison.Ordinal);
        Assert.Equal([("churn", "2", 100), ("churn", "1", 0)], shown.Body.GetProperty("deployments").EnumerateArray().Select(one => (one.GetProperty("model").GetString(), one.GetProperty("version").GetString(), one.GetProperty("traffic").GetInt32())));
        Assert.Equal(HttpStatusCode.NotFound, (await ShowAsync(fixture, "?endpoint=other")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await ShowAsync(fixture, "")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await ShowAsync(fixture, "?endpoint=churn-scoring&workspace=x")).Status);
        Assert.Contains("There is no deployment rule 'none'. Expected one of: by-hand", await RefusalAsync(fixture, "start?rule=none&model=churn:1"), StringComparison.Ordinal);
        Assert.Contains("'churn' does not name a model version", await RefusalAsync(fixture, "start?rule=by-hand&model=churn"), StringComparison.Ordinal);
        Assert.Contains("are required", await RefusalAsync(fixture, "start?rule=by-hand"), StringComparison.Ordinal);
        using var anonymous = await fixture.Service.Client.PostAsync(new Uri("deployments/rollback?endpoint=churn-scoring", UriKind.Relative), null, Token);
        using var unknown = await fixture.Service.Client.GetAsync(new Uri("deployments?endpoint=churn-scoring", UriKind.Relative), Token);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (anonymous.StatusCode, unknown.StatusCode));
    }

    [Fact]
    public async Task Without_deployment_rules_the_refusal_of_a_roll_out_says_so()
    {
        await using var rollouts = new RolloutFixture("deployments: []\n", ("AzureML:Workspaces:0", SampleEvents.Workspace));
        await rollouts.StartAsync();

        Assert.Contains("There is no deployment rule 'none'. No deployment rules are in force.", await RefusalAsync(rollouts.Deployer, "start?rule=none&model=churn:1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workspace_that_the_settings_do_not_allow_fails_the_roll_out_before_any_call()
    {
        await using var rollouts = new RolloutFixture(
            "deployments:\n  - { name: rollout, when: { includedEventTypes: [ModelRegistered] }, deploy: { endpoint: churn-scoring, location: westeurope } }\n",
            ("AzureML:Workspaces:0", SimulatedAzure.OtherWorkspace));
        await rollouts.StartAsync();
        var registered = RolloutFixture.Registered("1");

        await rollouts.Deployer.PublishAsync(registered, Token);
        var end = await rollouts.Deployer.EndOfAsync("rollout", registered, Token);
        var answer = await RefusalAsync(rollouts.Deployer, $"rollback?endpoint=churn-scoring&workspace={SampleEvents.Workspace}", HttpStatusCode.BadGateway);

        Assert.Equal("failed", end.Status);
        Assert.All([end.Detail, answer], text => Assert.Contains("AzureML:Workspaces", text, StringComparison.Ordinal));
        Assert.Equal(0, await rollouts.Azure.CallsAsync(Token));
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> ShowAsync(ServiceFixture fixture, string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"deployments{query}", UriKind.Relative)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", OperatorApi.Token) } };
        using var response = await fixture.Service.Client.SendAsync(request, Token);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Token));
    }

    private static async Task<MLEvents.Events.ActionChanged> EndAsync(ServiceFixture fixture, string request)
    {
        using var response = await PostAsync(fixture, request);
        var id = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return await fixture.Activity.FirstAsync(action => action.ActionId == id && (action.Status is "succeeded" or "failed" or "skipped"), Token);
    }

    private static async Task<string> RefusalAsync(ServiceFixture fixture, string request, HttpStatusCode status = HttpStatusCode.BadRequest)
    {
        using var response = await PostAsync(fixture, request);
        Assert.Equal(status, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("detail").GetString() ?? "";
    }

    private static async Task<HttpResponseMessage> PostAsync(ServiceFixture fixture, string request)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri($"deployments/{request}", UriKind.Relative)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", OperatorApi.Token) } };
        return await fixture.Service.Client.SendAsync(message, Token);
    }

    private (string? Deployment, string? Fault) Find(string? to = null) => RollbackTarget.Find(_azure.Endpoint ?? throw new InvalidOperationException(), _azure.Deployments, to);

    // A deployment is written as name:day, or as its name alone if Azure does not return its creation time.
    private void Has(string deployments, string traffic)
    {
        foreach (var deployment in deployments.Split(' ').Select(text => text.Split(':')))
        {
            if (deployment is [var name, var day])
            {
                _azure.HasDeploymentOf(name, "r", int.Parse(day, null));
            }
            else
            {
                _azure.HasDeployment(deployment[0]);
            }
        }

        HasTraffic(traffic);
    }

    private void HasTraffic(string traffic) =>
        _azure.HasEndpoint("Succeeded", [.. traffic.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(share => share.Split('=')).Select(share => (share[0], int.Parse(share[1], null)))]);

    private RolloutDriver Driver()
    {
        var driver = new RolloutDriver(_azure, strategy: null);
        driver.Record = driver.Record with { Plan = (TestData.Plan with { Deployment = "blue", Purpose = RolloutPurpose.Rollback }).ToJson() };
        return driver;
    }
}
