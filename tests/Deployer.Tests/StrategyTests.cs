using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Scoring;
using MLEvents.Deployer.Steps;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer.Tests;

/// <summary>Roll-outs with a strategy, step by step: the stages, and the traffic after each possible end.</summary>
public sealed class StrategyTests
{
    private static readonly RolloutStrategy Canary = new()
    {
        Steps = [new(10, TimeSpan.FromMinutes(15)), new(50, TimeSpan.FromMinutes(15)), new(100, TimeSpan.FromMinutes(15))],
        Verify = [new SampleCheck { Name = "sample.json", Body = "{}", Repeat = 3, Expect = new() { JsonPath = "$[0]", Between = new(0, 1) } }],
        Metrics = [new MetricThreshold { Name = "RequestLatency_P95", Max = 400 }],
    };

    private readonly FakeAzure _azure = new() { Model = TestData.Model(), TakesEffect = true, Metrics = (_, _) => [("", [120, 130])] };

    public StrategyTests()
    {
        _azure.HasEndpoint("Succeeded", ("blue", 100));
        _azure.HasDeployment("blue", version: "2");
    }

    [Fact]
    public async Task A_canary_is_verified_and_gets_all_traffic_step_by_step()
    {
        var driver = new RolloutDriver(_azure, Canary);

        var end = Assert.IsType<Succeeded>(await driver.RunAsync());

        Assert.Equal("deployment m3-0123abcd with model churn:3 has 100% of the traffic of churn-scoring", end.Detail);
        Assert.Equal(
            ["queued", "deployment-creating", "verifying", "verified", "traffic-10", "bake-10", "traffic-50", "bake-50", "traffic-100", "bake-100"], driver.Stages);
        Assert.Equal(100, _azure.Endpoint?.Traffic[TestData.Deployment]);
        Assert.Equal(3, _azure.TrafficUpdates);
        Assert.Equal([TestData.Deployment, TestData.Deployment, TestData.Deployment], _azure.Scored);
        Assert.True(driver.Time.GetUtcNow() - TestData.Now >= TimeSpan.FromMinutes(45));
        Assert.Null(_azure.LockHolder);
        Assert.Empty(_azure.Queue.Entries);
    }

    [Fact]
    public async Task The_first_deployment_of_an_endpoint_gets_all_traffic_in_one_step()
    {
        _azure.HasEndpoint();
        var driver = new RolloutDriver(_azure, Canary with { Mirror = 10 });

        Assert.IsType<Succeeded>(await driver.RunAsync());

        Assert.Equal(["traffic-100", "bake-100"], driver.Stages[^2..]);
    }

    [Fact]
    public async Task Requests_are_mirrored_before_the_first_step_and_not_after_it()
    {
        var driver = new RolloutDriver(_azure, Canary with { Mirror = 20, MirrorBake = TimeSpan.FromMinutes(5) });

        await driver.ReachAsync("bake-mirror-20");
        var (mirrored, live) = (_azure.Endpoint?.MirrorTraffic[TestData.Deployment], _azure.Endpoint?.Traffic.GetValueOrDefault(TestData.Deployment));
        await driver.ReachAsync("bake-10");

        Assert.Equal((20, 0), (mirrored, live));
        Assert.Empty(_azure.Endpoint?.MirrorTraffic ?? throw new InvalidOperationException());
        Assert.Equal(10, _azure.Endpoint?.Traffic[TestData.Deployment]);
    }

    [Fact]
    public async Task The_detail_of_a_step_with_mirrored_traffic_names_its_percentage_and_the_result_of_the_checks()
    {
        var driver = new RolloutDriver(_azure, Canary with { Mirror = 20, MirrorBake = TimeSpan.FromMinutes(5) });

        await driver.ReachAsync("bake-mirror-20");
        var watching = await driver.StepAsync();
        await driver.ReachAsync("traffic-10");

        Assert.StartsWith("m3-0123abcd with 20% mirrored traffic, until ", watching.Detail, StringComparison.Ordinal);
        Assert.Equal("m3-0123abcd with 20% mirrored traffic: checks passed (RequestLatency_P95 is 125)", driver.Record.Detail);
    }

    [Fact]
    public async Task A_wrong_answer_ends_the_roll_out_without_traffic_and_with_the_evidence()
    {
        _azure.Score = _ => new ScoringResult(200, "[7.5]", false, TimeSpan.FromMilliseconds(10), null);

        var end = Assert.IsType<Failed>(await new RolloutDriver(_azure, Canary).RunAsync());

        Assert.Equal(
            "deployment m3-0123abcd gets no traffic: verification 'sample.json', request 1 of 3: $[0] is 7.5, expected 0 to 1\n--- request\n{}\n--- answer\n[7.5]\n--- InferenceServer\nInferenceServer said 20", end.Detail);
        Assert.Equal(0, _azure.TrafficUpdates);
        Assert.Empty(_azure.Deleted);
        Assert.Empty(_azure.Queue.Entries);
    }

    [Fact]
    public async Task A_request_to_a_gateway_that_is_not_ready_is_repeated_a_limited_number_of_times()
    {
        _azure.Score = _ => new ScoringResult(503, "busy", false, TimeSpan.FromMilliseconds(10), null);

        var end = Assert.IsType<Failed>(await new RolloutDriver(_azure, Canary).RunAsync());

        Assert.Contains("the status is 503, expected 200", end.Detail, StringComparison.Ordinal);
        Assert.Equal(3 + 3, _azure.Scored.Count);
    }

    [Fact]
    public async Task A_failed_deployment_is_deleted_if_the_rule_requests_it()
    {
        _azure.Score = _ => new ScoringResult(500, "", false, TimeSpan.Zero, null);

        var end = Assert.IsType<Failed>(await new RolloutDriver(_azure, Canary with { FailedDeployment = FailedDeploymentAction.Delete }).RunAsync());

        Assert.Equal([TestData.Deployment], _azure.Deleted);
        Assert.EndsWith("deployment m3-0123abcd is deleted", end.Detail, StringComparison.Ordinal);
        Assert.Contains("the status is 500, expected 200", end.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_new_deployment_is_compared_with_the_one_in_service()
    {
        _azure.Score = deployment => new ScoringResult(200, deployment == "blue" ? "[0.1]" : "[0.9]", false, TimeSpan.Zero, null);
        var check = Canary.Verify[0] with { Repeat = 1, Expect = new() { JsonPath = "$[0]", MaxDifferenceToCurrent = 0.2 } };

        var end = Assert.IsType<Failed>(await new RolloutDriver(_azure, Canary with { Verify = [check] }).RunAsync());

        Assert.Contains("$[0] is 0.9, but 0.1 from the deployment in service; the rule allows a difference of 0.2", end.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_metric_that_crosses_its_threshold_restores_the_traffic_and_the_action_contains_the_numbers()
    {
        var driver = new RolloutDriver(_azure, Canary);
        await driver.ReachAsync("bake-50");
        _azure.Metrics = (_, _) => [("", [400, 500])];

        var end = Assert.IsType<Failed>(await driver.RunAsync());

        Assert.StartsWith(
            "Azure confirmed that the traffic of churn-scoring is as before: blue 100%. m3-0123abcd at 50% of the traffic: RequestLatency_P95 is 450, at most 400 is allowed; by minute: 400, 500\n--- InferenceServer", end.Detail, StringComparison.Ordinal);
        Assert.Equal("traffic-restoring", driver.Stages[^1]);
        Assert.Equal(100, _azure.Endpoint?.Traffic["blue"]);
        Assert.Equal(0, _azure.Endpoint?.Traffic.GetValueOrDefault(TestData.Deployment));
        Assert.Null(_azure.LockHolder);
    }

    [Fact]
    public async Task The_stored_reason_contains_no_secrets_of_a_container_log_and_has_a_limited_length()
    {
        var driver = new RolloutDriver(_azure, Canary);
        await driver.ReachAsync("bake-50");
        _azure.Metrics = (_, _) => [("", [400, 500])];
        _azure.Log = _ => $"DB_PASSWORD=canary-7Kq\n{new string('x', 20_000)}\n";

        var restoring = Assert.IsType<Continue>(await driver.ReachAsync("traffic-restoring"));

        Assert.Contains("DB_PASSWORD=***", driver.Record.State["reason"], StringComparison.Ordinal);
        Assert.InRange(driver.Record.State["reason"].Length, 1000, Redaction.MaxLength);
        Assert.DoesNotContain("canary", driver.Record.State["reason"] + restoring.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_roll_back_is_repeated_until_azure_confirms_it_however_long_that_takes()
    {
        var driver = await CrossedAsync();
        _azure.StateAfterUpdate = "Failed";
        for (var step = 0; step < 50; step++)
        {
            Assert.Equal(Stages.TrafficRestoring, Assert.IsType<Continue>(await driver.StepAsync()).Stage);
        }

        var updates = _azure.TrafficUpdates;
        _azure.StateAfterUpdate = "Succeeded";
        await driver.StepAsync();

        Assert.True(updates > 20);
        Assert.True(driver.Time.GetUtcNow() - TestData.Now > TimeSpan.FromHours(3));
        Assert.IsType<Failed>(await driver.RunAsync());
        Assert.Equal(100, _azure.Endpoint?.Traffic["blue"]);
    }

    [Fact]
    public async Task The_waits_of_a_roll_back_do_not_exceed_a_long_poll_interval()
    {
        var driver = await CrossedAsync(new DeployerOptions { PollInterval = TimeSpan.FromMinutes(10) });
        _azure.StateAfterUpdate = "Failed";
        var waits = new List<TimeSpan>();
        for (var step = 0; step < 8; step++)
        {
            waits.Add(Assert.IsType<Continue>(await driver.StepAsync()).After);
        }

        Assert.Equal(Enumerable.Repeat(TimeSpan.FromMinutes(10), 8), waits);
    }

    [Theory]
    [InlineData(403, false)]
    [InlineData(503, true)]
    public async Task A_roll_back_that_azure_refuses_is_repeated_too(int status, bool isTransient)
    {
        var driver = await CrossedAsync();
        _azure.Refusal = new AzureException("refused") { Operation = "OnlineEndpoints_Get", Code = "Refused", Status = status, IsTransient = isTransient };
        for (var step = 0; step < 20; step++)
        {
            Assert.Contains("could not be restored yet", (await driver.StepAsync()).Detail, StringComparison.Ordinal);
        }

        _azure.Refusal = null;

        Assert.IsType<Failed>(await driver.RunAsync());
        Assert.Equal(100, _azure.Endpoint?.Traffic["blue"]);
    }

    [Fact]
    public async Task With_onFailure_hold_the_traffic_stays_at_the_step()
    {
        var driver = new RolloutDriver(_azure, Canary with { OnFailure = FailureAction.Hold });
        await driver.ReachAsync("bake-50");
        _azure.Metrics = (_, _) => [("", [900])];

        var end = Assert.IsType<Failed>(await driver.RunAsync());

        Assert.Contains("stays as it is, because the rule says onFailure: hold (blue 50%, m3-0123abcd 50%)", end.Detail, StringComparison.Ordinal);
        Assert.Equal(50, _azure.Endpoint?.Traffic[TestData.Deployment]);
    }

    [Theory]
    [InlineData("bake-mirror-20")]
    [InlineData("bake-50")]
    public async Task With_onFailure_hold_a_deployment_with_traffic_or_copied_requests_is_not_deleted(string stage)
    {
        var driver = new RolloutDriver(_azure, Canary with { OnFailure = FailureAction.Hold, FailedDeployment = FailedDeploymentAction.Delete, Mirror = 20, MirrorBake = TimeSpan.FromMinutes(5) });
        await driver.ReachAsync(stage);
        var (traffic, mirror) = (_azure.Endpoint?.Traffic, _azure.Endpoint?.MirrorTraffic);
        _azure.Metrics = (_, _) => [("", [900])];

        Assert.IsType<Failed>(await driver.RunAsync());

        Assert.Empty(_azure.Deleted);
        Assert.Equal((traffic, mirror), (_azure.Endpoint?.Traffic, _azure.Endpoint?.MirrorTraffic));
    }

    [Fact]
    public async Task With_onFailure_hold_a_deployment_that_fails_before_it_gets_traffic_is_deleted_if_the_rule_requests_it()
    {
        _azure.Score = _ => new ScoringResult(500, "", false, TimeSpan.Zero, null);

        Assert.IsType<Failed>(await new RolloutDriver(_azure, Canary with { OnFailure = FailureAction.Hold, FailedDeployment = FailedDeploymentAction.Delete }).RunAsync());

        Assert.Equal([TestData.Deployment], _azure.Deleted);
    }

    [Fact]
    public async Task With_onFailure_hold_an_update_that_azure_does_not_confirm_is_not_reported_as_the_traffic()
    {
        var driver = new RolloutDriver(_azure, Canary with { OnFailure = FailureAction.Hold });
        await driver.ReachAsync("traffic-50");
        _azure.StateAfterUpdate = "Failed";

        var end = Assert.IsType<Failed>(await driver.RunAsync());

        Assert.Contains("onFailure: hold (Azure did not confirm the update to blue 50%, m3-0123abcd 50%)", end.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_metric_without_values_fails_the_step_after_the_delay_of_azure_monitor()
    {
        _azure.Metrics = (_, _) => [];
        var driver = new RolloutDriver(_azure, Canary);
        await driver.ReachAsync("bake-10");
        var begun = driver.Time.GetUtcNow();

        var end = Assert.IsType<Failed>(await driver.RunAsync());

        Assert.Contains("its metrics are still missing: RequestLatency_P95: no values", end.Detail, StringComparison.Ordinal);
        Assert.InRange(driver.Time.GetUtcNow() - begun, TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(21));
        Assert.Equal(100, _azure.Endpoint?.Traffic["blue"]);
    }

    [Fact]
    public async Task A_rule_can_pass_a_metric_without_values()
    {
        _azure.Metrics = (_, _) => [];

        Assert.IsType<Succeeded>(await new RolloutDriver(_azure, Canary with { Metrics = [Canary.Metrics[0] with { NoData = MissingData.Pass }] }).RunAsync());
    }

    [Fact]
    public async Task A_metric_that_cannot_be_read_fails_the_roll_out_even_if_the_rule_passes_missing_values()
    {
        _azure.MetricsRefusal = new AzureException("no role") { Code = "AuthorizationFailed", Status = 403 };

        var end = Assert.IsType<Failed>(await new RolloutDriver(_azure, Canary with { Metrics = [Canary.Metrics[0] with { NoData = MissingData.Pass }] }).RunAsync());

        Assert.Contains("RequestLatency_P95 could not be read: AuthorizationFailed: no role", end.Detail, StringComparison.Ordinal);
        Assert.Equal(100, _azure.Endpoint?.Traffic["blue"]);
    }

    [Fact]
    public async Task Traffic_that_is_changed_externally_during_a_bake_is_not_restored()
    {
        var driver = new RolloutDriver(_azure, Canary);
        await driver.ReachAsync("bake-10");
        _azure.HasEndpoint("Succeeded", ("blue", 70), (TestData.Deployment, 30));

        var end = Assert.IsType<Failed>(await driver.RunAsync());

        Assert.StartsWith("the traffic of churn-scoring was changed during the roll-out, and stays as it is: it is blue 70%, m3-0123abcd 30%", end.Detail, StringComparison.Ordinal);
        Assert.Equal(70, _azure.Endpoint?.Traffic["blue"]);
    }

    [Theory]
    [InlineData("verified")]
    [InlineData("traffic-restoring")]
    public async Task Traffic_that_is_changed_externally_while_the_deployer_moves_it_is_not_restored(string stage)
    {
        var driver = stage == "verified" ? new RolloutDriver(_azure, Canary) : await CrossedAsync();
        await driver.ReachAsync(stage == "verified" ? "traffic-10" : stage);
        _azure.HasEndpoint("Succeeded", ("green", 100));

        var end = Assert.IsType<Failed>(await driver.RunAsync());

        Assert.Contains("it is green 100%, and the roll-out of m3-0123abcd expected blue 100%", end.Detail, StringComparison.Ordinal);
        Assert.Equal(100, _azure.Endpoint?.Traffic["green"]);
    }

    [Fact]
    public async Task An_update_that_keeps_failing_ends_in_a_roll_back()
    {
        var driver = new RolloutDriver(_azure, Canary);
        await driver.ReachAsync("traffic-50");
        _azure.StateAfterUpdate = "Failed";
        await driver.ReachAsync("traffic-restoring");
        _azure.StateAfterUpdate = "Succeeded";

        var end = Assert.IsType<Failed>(await driver.RunAsync());

        Assert.Contains("endpoint churn-scoring is Failed after 5 updates of its traffic", end.Detail, StringComparison.Ordinal);
        Assert.Equal(100, _azure.Endpoint?.Traffic["blue"]);
    }

    [Fact]
    public async Task An_update_that_does_not_finish_ends_in_a_roll_back()
    {
        var driver = new RolloutDriver(_azure, Canary);
        await driver.ReachAsync("traffic-10");
        _azure.HasEndpoint("Updating", ("blue", 100));
        await driver.ReachAsync("traffic-restoring");
        _azure.HasEndpoint("Succeeded", ("blue", 90), (TestData.Deployment, 10));

        var end = Assert.IsType<Failed>(await driver.RunAsync());

        Assert.Contains("stage traffic-10 did not end within 00:30:00", end.Detail, StringComparison.Ordinal);
        Assert.Equal(100, _azure.Endpoint?.Traffic["blue"]);
    }

    [Fact]
    public async Task A_bake_that_does_not_finish_ends_in_a_roll_back_that_names_all_parts_of_the_limit()
    {
        var driver = new RolloutDriver(_azure, Canary);
        await driver.ReachAsync("bake-10");
        _azure.Refusal = new AzureException("busy") { Operation = "OnlineEndpoints_Get", Code = "Busy", Status = 503, IsTransient = true };
        await driver.ReachAsync("traffic-restoring");
        _azure.Refusal = null;

        var end = Assert.IsType<Failed>(await driver.RunAsync());

        Assert.Contains("stage bake-10 did not end within 00:50:00 (the bake time, Deployer:MetricsDelay and Deployer:LongestTrafficMove): Busy: busy", end.Detail, StringComparison.Ordinal);
        Assert.Equal(100, _azure.Endpoint?.Traffic["blue"]);
    }

    [Fact]
    public async Task A_transient_refusal_during_a_bake_is_retried_and_a_permanent_refusal_restores_the_traffic()
    {
        var driver = new RolloutDriver(_azure, Canary);
        await driver.ReachAsync("bake-10");
        _azure.Refusal = new AzureException("busy") { Operation = "OnlineEndpoints_Get", Code = "Busy", Status = 503, IsTransient = true };
        var waiting = await driver.StepAsync();
        _azure.Refusal = new AzureException("forbidden") { Operation = "OnlineEndpoints_Get", Code = "Forbidden", Status = 403 };
        var restoring = await driver.StepAsync();
        _azure.Refusal = null;

        Assert.Equal("bake-10", Assert.IsType<Continue>(waiting).Stage);
        Assert.Equal(Stages.TrafficRestoring, Assert.IsType<Continue>(restoring).Stage);
        Assert.Contains("Forbidden: forbidden", Assert.IsType<Failed>(await driver.RunAsync()).Detail, StringComparison.Ordinal);
        Assert.Equal(100, _azure.Endpoint?.Traffic["blue"]);
    }

    [Fact]
    public async Task Attempts_that_fail_for_an_unknown_reason_end_in_a_roll_back_before_the_limit_of_the_ledger()
    {
        var driver = new RolloutDriver(_azure, Canary);
        await driver.ReachAsync("bake-10");
        driver.Record = driver.Record with { Failures = 10, Detail = "out of memory" };

        var end = Assert.IsType<Failed>(await driver.RunAsync());

        Assert.Contains("10 attempts failed in a row: out of memory", end.Detail, StringComparison.Ordinal);
        Assert.Equal(100, _azure.Endpoint?.Traffic["blue"]);
    }

    [Fact]
    public async Task A_deployment_that_fails_during_a_bake_loses_its_traffic()
    {
        var driver = new RolloutDriver(_azure, Canary);
        await driver.ReachAsync("bake-10");
        _azure.Deployments.RemoveAll(deployment => deployment.Name == TestData.Deployment);
        _azure.HasDeployment(TestData.Deployment, "Failed");

        Assert.Contains("the deployment failed or was deleted", Assert.IsType<Failed>(await driver.RunAsync()).Detail, StringComparison.Ordinal);

        Assert.Equal(100, _azure.Endpoint?.Traffic["blue"]);
    }

    [Theory]
    [InlineData("traffic-10")]
    [InlineData("bake-10")]
    [InlineData("traffic-restoring")]
    public async Task An_endpoint_that_is_deleted_during_a_roll_out_fails_the_action(string stage)
    {
        var driver = stage == "traffic-restoring" ? await CrossedAsync() : new RolloutDriver(_azure, Canary);
        if (driver.Record.Stage != stage)
        {
            await driver.ReachAsync(stage);
        }

        _azure.Endpoint = null;

        Assert.Contains("endpoint churn-scoring was deleted", Assert.IsType<Failed>(await driver.RunAsync()).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_roll_out_restores_the_traffic_before_it_ends()
    {
        var driver = new RolloutDriver(_azure, Canary);
        await driver.ReachAsync("bake-10");

        var first = await driver.CancelAsync();
        var second = await driver.CancelAsync();

        Assert.False(first?.IsAccepted);
        Assert.Equal(new CancelAnswer(true, "the traffic of churn-scoring is as before: blue 100%"), second);
        Assert.Equal(100, _azure.Endpoint?.Traffic["blue"]);
        Assert.Empty(_azure.Queue.Entries);
    }

    [Theory]
    [InlineData("traffic-10")]
    [InlineData("bake-50")]
    [InlineData("traffic-restoring")]
    public async Task A_cancelled_roll_out_keeps_traffic_that_was_changed_externally(string stage)
    {
        var driver = stage == "traffic-restoring" ? await CrossedAsync() : new RolloutDriver(_azure, Canary);
        if (driver.Record.Stage != stage)
        {
            await driver.ReachAsync(stage);
        }

        _azure.HasEndpoint("Succeeded", ("green", 100));
        var updates = _azure.TrafficUpdates;

        var answer = await driver.CancelAsync();

        Assert.Equal(
            new CancelAnswer(true, "the traffic of churn-scoring was changed during the roll-out, and stays as it is: it is green 100%, and the roll-out of m3-0123abcd expected blue 100%"), answer);
        Assert.Equal(updates, _azure.TrafficUpdates);
        Assert.Null(_azure.LockHolder);
        Assert.Empty(_azure.Queue.Entries);
    }

    [Fact]
    public async Task A_cancelled_roll_out_whose_endpoint_was_deleted_has_no_traffic_to_restore()
    {
        var driver = new RolloutDriver(_azure, Canary);
        await driver.ReachAsync("bake-10");
        _azure.Endpoint = null;

        Assert.Equal(new CancelAnswer(true, "endpoint churn-scoring was deleted; there is no traffic to restore"), await driver.CancelAsync());
    }

    [Fact]
    public async Task A_forced_retry_of_an_older_version_is_rolled_out()
    {
        _azure.Deployments.Clear();
        _azure.HasDeployment("blue", version: "9");
        var driver = new RolloutDriver(_azure, Canary);
        driver.Record = driver.Record with { Generation = 1, IsForced = true, RetriedAt = TestData.Now };

        Assert.IsType<Succeeded>(await driver.RunAsync());
    }

    // Returns a driver after a step at 10 percent of the traffic in which a metric crosses its threshold.
    private async Task<RolloutDriver> CrossedAsync(DeployerOptions? options = null)
    {
        var driver = new RolloutDriver(_azure, Canary, options: options);
        await driver.ReachAsync("bake-10");
        _azure.Metrics = (_, _) => [("", [900])];
        await driver.StepAsync();
        return driver;
    }
}
