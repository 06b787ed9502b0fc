using Microsoft.Extensions.Time.Testing;

using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;
using MLEvents.Deployer.Steps;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Tests;

public sealed class RolloutTests
{
    private readonly FakeAzure _azure = new() { Model = TestData.Model() };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_roll_out_of_a_known_model_continues_with_a_new_endpoint_and_has_links()
    {
        var result = await StepAsync("");

        Assert.Equal(Stages.EndpointCreating, Assert.IsType<Continue>(result).Stage);
        Assert.Equal(TestData.Model().Id.ToString(), result.State["modelId"]);
        Assert.Equal(["endpoint", "model"], result.Links.Keys.Order());
    }

    [Fact]
    public async Task An_existing_endpoint_is_not_created_again()
    {
        _azure.HasEndpoint();

        Assert.Equal(Stages.DeploymentCreating, Assert.IsType<Continue>(await StepAsync("")).Stage);
    }

    [Fact]
    public async Task A_model_that_does_not_exist_fails_the_action()
    {
        _azure.Model = null;

        Assert.Contains("churn:3 is not in workspace", Assert.IsType<Failed>(await StepAsync("")).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archived_model_is_skipped()
    {
        _azure.Model = TestData.Model(archived: true);

        Assert.EndsWith("is archived", Assert.IsType<Skipped>(await StepAsync("")).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_roll_out_of_a_model_that_needs_an_environment_fails_and_names_the_settings_to_add_to_the_rule()
    {
        _azure.Model = TestData.Model("custom_model");

        Assert.Contains("Add environmentId", Assert.IsType<Failed>(await StepAsync("")).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_roll_out_of_a_custom_model_continues_if_the_rule_names_an_environment()
    {
        _azure.Model = TestData.Model("custom_model");

        Assert.IsType<Continue>(await StepAsync("", TestData.Plan with { EnvironmentId = "env" }));
    }

    [Theory]
    [InlineData("10", true)]
    [InlineData("3", false)]
    [InlineData("2", false)]
    [InlineData("latest", false)]
    [InlineData(null, false)]
    public async Task A_version_in_service_blocks_the_roll_out_only_if_it_is_newer(string? serving, bool isBlocked)
    {
        _azure.HasEndpoint("Succeeded", ("blue", 100));
        _azure.HasDeployment("blue", version: serving);

        var result = await StepAsync("");

        Assert.Equal(isBlocked, result is Skipped);
    }

    [Fact]
    public async Task A_newer_version_without_traffic_does_not_block_the_roll_out()
    {
        _azure.HasEndpoint("Succeeded", ("blue", 0));
        _azure.HasDeployment("blue", version: "10");

        Assert.IsType<Continue>(await StepAsync(""));
    }

    [Fact]
    public async Task A_missing_endpoint_is_created_with_the_settings_of_the_rule_and_the_tags_of_the_action()
    {
        var result = await StepAsync(Stages.EndpointCreating);

        Assert.Equal(("westeurope", "AADToken"), (_azure.RequestedEndpoint?.Location, _azure.RequestedEndpoint?.AuthMode));
        Assert.Equal("chain-1", _azure.RequestedEndpoint?.Tags?["mlevents.correlation"]);
        Assert.Equal((Stages.EndpointCreating, TimeSpan.FromSeconds(15)), Waiting(result));
    }

    [Theory]
    [InlineData("Creating", Stages.EndpointCreating)]
    [InlineData("Succeeded", Stages.DeploymentCreating)]
    public async Task The_roll_out_waits_for_the_endpoint(string state, string stage)
    {
        _azure.HasEndpoint(state);

        Assert.Equal(stage, Assert.IsType<Continue>(await StepAsync(Stages.EndpointCreating)).Stage);
    }

    [Theory]
    [InlineData(Stages.EndpointCreating)]
    [InlineData(Stages.TrafficMoving)]
    public async Task If_an_endpoint_is_in_the_state_Failed_its_last_update_is_repeated_three_times(string stage)
    {
        _azure.HasEndpoint("Failed", ("blue", 100));
        _azure.TakesEffect = true;
        _azure.StateAfterUpdate = "Failed";
        var driver = new RolloutDriver(_azure, strategy: null, stage);

        var end = await driver.RunAsync();

        Assert.Contains("after its last update was repeated 3 times", Assert.IsType<Failed>(end).Detail, StringComparison.Ordinal);
        Assert.Equal(3, _azure.TrafficUpdates);
        Assert.Equal(100, _azure.RequestedTraffic?["blue"]);
    }

    [Fact]
    public async Task An_endpoint_whose_repeated_update_succeeds_gets_the_deployment()
    {
        _azure.HasEndpoint("Failed", ("blue", 100));
        _azure.TakesEffect = true;

        var end = await new RolloutDriver(_azure, strategy: null).RunAsync();

        Assert.IsType<Succeeded>(end);
        Assert.Equal(100, _azure.Endpoint?.Traffic[TestData.Deployment]);
    }

    [Fact]
    public async Task A_deployment_is_created_in_the_region_of_the_endpoint_with_tags_that_a_rule_cannot_override()
    {
        _azure.HasEndpoint();

        var result = await StepAsync(Stages.DeploymentCreating, TestData.Plan with { EnvironmentId = "env", CodeId = "code", ScoringScript = "score.py" });

        Assert.Equal(Stages.DeploymentCreating, Waiting(result).Stage);
        Assert.NotNull(_azure.RequestedDeployment);
        Assert.Equal(("northeurope", "Standard_DS3_v2", 2, "env"), (_azure.RequestedDeployment.Location, _azure.RequestedDeployment.InstanceType, _azure.RequestedDeployment.InstanceCount, _azure.RequestedDeployment.EnvironmentId));
        Assert.Equal(new CodeConfiguration("code", "score.py"), _azure.RequestedDeployment.CodeConfiguration);
        Assert.Equal(("churn", "rollout"), (_azure.RequestedDeployment.Tags?["team"], _azure.RequestedDeployment.Tags?["mlevents.rule"]));
    }

    [Fact]
    public async Task A_deployment_waits_for_an_endpoint_that_another_roll_out_changes()
    {
        _azure.HasEndpoint("Updating");

        var result = await StepAsync(Stages.DeploymentCreating);

        Assert.Equal(Stages.DeploymentCreating, Waiting(result).Stage);
        Assert.Null(_azure.RequestedDeployment);
    }

    [Fact]
    public async Task An_endpoint_that_was_deleted_is_created_again_before_the_deployment()
    {
        Assert.Equal(Stages.EndpointCreating, Assert.IsType<Continue>(await StepAsync(Stages.DeploymentCreating)).Stage);
    }

    [Theory]
    [InlineData("Creating", Stages.DeploymentCreating)]
    [InlineData("Succeeded", Stages.TrafficMoving)]
    public async Task The_roll_out_waits_for_the_deployment(string state, string stage)
    {
        _azure.HasDeployment(TestData.Deployment, state);

        Assert.Equal(stage, Assert.IsType<Continue>(await StepAsync(Stages.DeploymentCreating)).Stage);
        Assert.Null(_azure.RequestedDeployment);
    }

    [Fact]
    public async Task The_roll_out_of_a_rule_without_traffic_ends_after_the_deployment()
    {
        _azure.HasDeployment(TestData.Deployment);

        Assert.IsType<Succeeded>(await StepAsync(Stages.DeploymentCreating, TestData.Plan with { Traffic = 0 }));
    }

    [Fact]
    public async Task The_failure_of_a_deployment_contains_the_error_and_the_logs_of_both_containers()
    {
        _azure.HasDeployment(TestData.Deployment, "Failed", error: new ArmError("OutOfQuota", "no cores left", null, []));

        var detail = Assert.IsType<Failed>(await StepAsync(Stages.DeploymentCreating)).Detail;

        Assert.EndsWith("""
            OutOfQuota: no cores left
            --- StorageInitializer
            StorageInitializer said 20
            --- InferenceServer
            InferenceServer said 20
            """, detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_deployment_without_logs_still_reports_its_state()
    {
        _azure.HasDeployment(TestData.Deployment, "Canceled");
        _azure.LogRefusal = new AzureException("no container yet") { Code = "NotFound", Status = 404 };

        var detail = Assert.IsType<Failed>(await StepAsync(Stages.DeploymentCreating)).Detail;

        Assert.Contains("its state is Canceled", detail, StringComparison.Ordinal);
        Assert.Contains("no log, NotFound: no container yet", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Traffic_moves_to_the_new_deployment()
    {
        _azure.HasEndpoint("Succeeded", ("blue", 100));

        var result = await StepAsync(Stages.TrafficMoving);

        Assert.Equal(Stages.TrafficMoving, Waiting(result).Stage);
        Assert.Equal((100, 0), (_azure.RequestedTraffic?[TestData.Deployment], _azure.RequestedTraffic?["blue"]));
    }

    [Fact]
    public async Task A_roll_out_waits_while_another_one_moves_the_traffic()
    {
        _azure.HasEndpoint("Succeeded", ("blue", 100));
        _azure.LockHolder = "another action";

        Assert.Equal(Stages.TrafficMoving, Waiting(await StepAsync(Stages.TrafficMoving)).Stage);

        Assert.Null(_azure.RequestedTraffic);
        Assert.Equal("another action", _azure.LockHolder);
    }

    [Fact]
    public async Task The_traffic_is_locked_from_the_check_until_the_move_is_confirmed()
    {
        _azure.HasEndpoint("Succeeded", ("blue", 100));
        await StepAsync(Stages.TrafficMoving);
        var whileMoving = _azure.LockHolder;
        _azure.HasEndpoint("Succeeded", (TestData.Deployment, 100));

        Assert.IsType<Succeeded>(await StepAsync(Stages.TrafficMoving));

        Assert.NotNull(whileMoving);
        Assert.Null(_azure.LockHolder);
    }

    [Theory]
    [InlineData(403, false)]
    [InlineData(503, true)]
    public async Task A_refusal_releases_the_traffic_lock_unless_the_refusal_is_transient(int status, bool held)
    {
        _azure.HasEndpoint("Succeeded", ("blue", 100));
        _azure.Refusal = new AzureException("refused") { Operation = "OnlineEndpoints_Get", Code = "Refused", Status = status, IsTransient = held };

        await StepAsync(Stages.TrafficMoving);

        Assert.Equal(held, _azure.LockHolder is not null);
    }

    [Fact]
    public async Task A_cancelled_step_keeps_the_traffic_lock_because_the_traffic_may_be_moving()
    {
        _azure.HasEndpoint("Succeeded", ("blue", 100));
        _azure.Refusal = new OperationCanceledException();

        await Assert.ThrowsAsync<OperationCanceledException>(() => StepAsync(Stages.TrafficMoving));

        Assert.NotNull(_azure.LockHolder);
    }

    [Fact]
    public async Task Traffic_that_is_already_correct_is_a_success_without_an_update()
    {
        _azure.HasEndpoint("Succeeded", (TestData.Deployment, 100), ("blue", 0));

        Assert.Contains("100% of the traffic", Assert.IsType<Succeeded>(await StepAsync(Stages.TrafficMoving)).Detail, StringComparison.Ordinal);
        Assert.Null(_azure.RequestedTraffic);
    }

    [Fact]
    public async Task Traffic_that_another_roll_out_has_changed_meanwhile_is_not_changed_back()
    {
        _azure.HasEndpoint("Succeeded", ("green", 100), (TestData.Deployment, 0));

        var result = await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan, Stages.TrafficMoving, KeyValuePair.Create("trafficAsked", "yes")), Token);

        Assert.EndsWith("a later update has changed the traffic", Assert.IsType<Succeeded>(result).Detail, StringComparison.Ordinal);
        Assert.Null(_azure.RequestedTraffic);
    }

    [Fact]
    public async Task A_newer_version_that_arrived_in_the_meantime_keeps_the_traffic()
    {
        _azure.HasEndpoint("Succeeded", ("green", 100));
        _azure.HasDeployment("green", version: "4");

        Assert.Contains("stays without traffic", Assert.IsType<Skipped>(await StepAsync(Stages.TrafficMoving)).Detail, StringComparison.Ordinal);
        Assert.Null(_azure.RequestedTraffic);
    }

    [Fact]
    public async Task An_endpoint_that_is_deleted_before_the_traffic_moves_fails_the_action() =>
        Assert.Contains("was deleted", Assert.IsType<Failed>(await StepAsync(Stages.TrafficMoving)).Detail, StringComparison.Ordinal);

    [Fact]
    public async Task A_roll_out_fails_after_its_time_limit()
    {
        _azure.HasEndpoint("Updating");
        var work = TestData.Work(_azure, new FakeTimeProvider(TestData.Now + TimeSpan.FromHours(4)));

        var result = await work.StepAsync(TestData.Record(TestData.Plan, Stages.TrafficMoving), Token);

        Assert.StartsWith("roll-out did not end within 04:00:00", Assert.IsType<Failed>(result).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(429, true, true)]
    [InlineData(409, false, true)]
    [InlineData(403, false, false)]
    public async Task Only_a_transient_refusal_or_a_conflict_is_retried(int status, bool transient, bool again)
    {
        _azure.Refusal = new AzureException("refused") { Operation = "OnlineEndpoints_Get", Code = "Refused", Status = status, IsTransient = transient, RequestId = "req-7" };

        var result = await StepAsync("");

        Assert.Equal(again, result is Retry);
        Assert.Equal("Refused: refused (request id req-7)", result.Detail);
    }

    private static (string Stage, TimeSpan After) Waiting(StepResult result) =>
        Assert.IsType<Continue>(result) is { After.Ticks: > 0 } proceed ? (proceed.Stage, proceed.After) : throw new InvalidOperationException($"The step does not wait: {result}");

    private Task<StepResult> StepAsync(string stage, RolloutPlan? plan = null) => TestData.Work(_azure).StepAsync(TestData.Record(plan ?? TestData.Plan, stage), Token);
}
