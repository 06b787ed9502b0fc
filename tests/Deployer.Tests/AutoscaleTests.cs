using MLEvents.AzureML.Errors;
using MLEvents.Deployer.Steps;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer.Tests;

/// <summary>The autoscale setting of a deployment is written before the verification. If the setting belongs to the rule, it is deleted before its deployment is deleted.</summary>
public sealed class AutoscaleTests
{
    private const string Rules = """
        deployments:
          - name: rollout
            model: { name: churn }
            deploy: { endpoint: churn-scoring, location: westeurope, autoscale: { min: 1, max: 2, rules: [{ metric: CpuUtilizationPercentage, above: 70, add: 1 }] } }
            strategy: { steps: [100], keep: 0 }

        """;

    private static readonly Autoscale Setting = new()
    {
        Min = 1,
        Max = 5,
        Default = 2,
        Rules = [new() { Metric = "CpuUtilizationPercentage", Threshold = 70, Change = 1, Window = TimeSpan.FromMinutes(5), Cooldown = TimeSpan.FromMinutes(7) }],
    };

    private readonly FakeAzure _azure = new() { Model = TestData.Model(), TakesEffect = true };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public AutoscaleTests()
    {
        _azure.HasEndpoint("Succeeded", ("blue", 100));
        _azure.HasDeployment("blue", version: "2");
    }

    [Fact]
    public async Task A_setting_is_written_after_the_deployment_and_before_the_verification()
    {
        var driver = Driver(new RolloutStrategy());

        Assert.IsType<Succeeded>(await driver.RunAsync());

        Assert.Equal([Stages.DeploymentCreating, Stages.Autoscaling, Stages.Verifying], driver.Stages[1..4]);
        var spec = _azure.Autoscale[TestData.Deployment];
        Assert.Equal(("northeurope", 1, 5, 2, "rollout"), (spec.Location, spec.Min, spec.Max, spec.Default, spec.Tags?[Correlation.RuleTag]));
        Assert.Equal(("CpuUtilizationPercentage", 70d, 1, 5d, 7d), spec.Triggers.Select(one => (one.Metric, one.Threshold, one.Change, one.Window.TotalMinutes, one.Cooldown.TotalMinutes)).Single());
        Assert.Equal("true", _azure.RequestedDeployment?.Tags?[Correlation.AutoscaleTag]);
    }

    [Theory]
    [InlineData(100, Stages.TrafficMoving)]
    [InlineData(0, Stages.Autoscaling)]
    public async Task A_roll_out_without_a_strategy_writes_the_setting_before_it_ends(int traffic, string last)
    {
        var driver = Driver(strategy: null, traffic);

        Assert.IsType<Succeeded>(await driver.RunAsync());

        Assert.Equal(last, driver.Stages[^1]);
        Assert.True(_azure.Autoscale.ContainsKey(TestData.Deployment));
    }

    [Fact]
    public async Task A_rule_without_a_setting_makes_no_call_about_autoscale_settings()
    {
        await new RolloutDriver(_azure, new RolloutStrategy { Keep = 0 }).RunAsync();

        Assert.Equal(0, _azure.AutoscaleCalls);
        Assert.False(_azure.RequestedDeployment?.Tags?.ContainsKey(Correlation.AutoscaleTag));
    }

    [Theory]
    [InlineData(FailedDeploymentAction.Keep, false)]
    [InlineData(FailedDeploymentAction.Delete, true)]
    public async Task A_setting_that_azure_refuses_ends_the_roll_out_before_any_traffic(FailedDeploymentAction failed, bool isDeleted)
    {
        _azure.AutoscaleRefusal = new AzureException("no") { Operation = "AutoscaleSettings_CreateOrUpdate", Code = "BadRequest", Status = 400 };

        var end = Assert.IsType<Failed>(await Driver(new RolloutStrategy { FailedDeployment = failed }).RunAsync());

        Assert.StartsWith("the autoscale setting of deployment m3-0123abcd could not be written; the traffic is unchanged: BadRequest: no", end.Detail, StringComparison.Ordinal);
        Assert.Equal(isDeleted, _azure.Deleted.Contains(TestData.Deployment));
        Assert.Equal(0, _azure.TrafficUpdates);
    }

    [Fact]
    public async Task A_missing_role_makes_the_roll_out_wait()
    {
        _azure.AutoscaleRefusal = new AzureException("no") { Operation = "AutoscaleSettings_CreateOrUpdate", Code = "AuthorizationFailed", Status = 403 };
        var driver = Driver(new RolloutStrategy());

        var waiting = Assert.IsType<CredentialRefused>(await driver.RunAsync());
        _azure.AutoscaleRefusal = null;
        var end = await driver.RunAsync();

        Assert.Contains("AutoscaleSettings", waiting.Key, StringComparison.Ordinal);
        Assert.IsType<Succeeded>(end);
    }

    [Fact]
    public async Task Settings_of_the_rule_are_deleted_before_their_deployments_and_all_others_stay()
    {
        _azure.Deployments.Clear();
        _azure.HasDeploymentOf("blue", "rollout", 3);
        _azure.HasDeploymentOf("of-another-rule", "other", 1);
        HasSetting("blue", "rollout");
        HasSetting("of-another-rule", "other");
        var order = new List<string>();
        _azure.Deleting = name => order.Add($"{name}, setting: {_azure.Autoscale.ContainsKey(name)}");

        Assert.IsType<Succeeded>(await Driver(new RolloutStrategy { Keep = 0 }).RunAsync());

        Assert.Equal(["blue, setting: False"], order);
        Assert.Equal([TestData.Deployment, "of-another-rule"], _azure.Autoscale.Keys.Order());
    }

    [Fact]
    public async Task A_setting_of_another_owner_stays_when_the_deployment_is_deleted()
    {
        _azure.Deployments.Clear();
        _azure.HasDeploymentOf("blue", "rollout", 3);
        HasSetting("blue", "other");

        await Driver(new RolloutStrategy { Keep = 0 }).RunAsync();

        Assert.Equal(["blue"], _azure.Deleted);
        Assert.True(_azure.Autoscale.ContainsKey("blue"));
    }

    [Fact]
    public async Task Without_the_role_the_deployment_is_deleted_and_its_setting_stays()
    {
        _azure.Deployments.Clear();
        _azure.HasDeploymentOf("blue", "rollout", 3);
        HasSetting("blue", "rollout");
        _azure.AutoscaleReadRefusal = new AzureException("no") { Operation = "AutoscaleSettings_Get", Code = "AuthorizationFailed", Status = 403 };
        var driver = Driver(new RolloutStrategy { Keep = 0 });
        string? stored = null;
        _azure.Deleting = _ => stored = AutoscaleStep.DescribeKept(driver.Record);

        var end = Assert.IsType<Succeeded>(await driver.RunAsync());

        Assert.Equal(["blue"], _azure.Deleted);
        Assert.True(_azure.Autoscale.ContainsKey("blue"));
        Assert.Equal("; the autoscale settings of blue stay and must be deleted manually, because Azure refused their deletion: AuthorizationFailed: no", stored);
        Assert.EndsWith($"; deleted: blue{stored}", end.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task If_azure_refuses_to_delete_the_setting_of_a_failed_deployment_the_error_says_that_the_setting_stays()
    {
        _azure.AutoscaleReadRefusal = new AzureException("no") { Operation = "AutoscaleSettings_Get", Code = "AuthorizationFailed", Status = 403 };
        var check = new SampleCheck { Name = "s", Body = "{}", Expect = new() { Status = 201 } };

        var end = Assert.IsType<Failed>(await Driver(new RolloutStrategy { Verify = [check], FailedDeployment = FailedDeploymentAction.Delete }).RunAsync());

        Assert.Equal([TestData.Deployment], _azure.Deleted);
        Assert.EndsWith(
            "deployment m3-0123abcd is deleted; the autoscale settings of m3-0123abcd stay and must be deleted manually, because Azure refused their deletion: AuthorizationFailed: no",
            end.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_whose_deletion_azure_refuses_are_named_in_the_detail_over_the_wire()
    {
        await using var rollouts = new RolloutFixture(Rules);
        await rollouts.StartAsync();
        await rollouts.Azure.FaultAsync("""{ "operation": "AutoscaleSettings_Delete", "kind": "status", "status": 403 }""", Token);

        var first = await rollouts.RollOutAsync("1");
        var second = await rollouts.RollOutAsync("2");

        var retired = $"m1-{first.ActionId[..8]}";
        Assert.Equal("succeeded", second.Status);
        Assert.Contains($"deleted: {retired}; the autoscale settings of {retired} stay and must be deleted manually", second.Detail, StringComparison.Ordinal);
        Assert.Contains("Monitoring Contributor", second.Detail, StringComparison.Ordinal);
        Assert.Equal([$"m2-{second.ActionId[..8]}"], await rollouts.DeploymentsAsync());
        Assert.Equal(2, (await rollouts.Azure.ListAsync("autoscaleSettings", Token)).Count);
    }

    [Fact]
    public async Task The_setting_of_a_failed_deployment_is_deleted_before_the_deployment()
    {
        var check = new SampleCheck { Name = "s", Body = "{}", Expect = new() { Status = 201 } };

        Assert.IsType<Failed>(await Driver(new RolloutStrategy { Verify = [check], FailedDeployment = FailedDeploymentAction.Delete }).RunAsync());

        Assert.Equal([TestData.Deployment], _azure.Deleted);
        Assert.Empty(_azure.Autoscale);
    }

    [Fact]
    public void A_dry_run_shows_the_setting()
    {
        var plan = TestData.Plan with { Autoscale = Setting };

        var evidence = TestData.Work(_azure).DescribeEvidence(TestData.Record(plan), RolloutPlan.Read(plan.ToJson()));

        Assert.Equal("1 to 5 instances by CpuUtilizationPercentage", evidence["autoscale"]);
    }

    // Adds a setting, and the tag that marks a deployment with a setting.
    private void HasSetting(string deployment, string rule)
    {
        var index = _azure.Deployments.FindIndex(one => one.Name == deployment);
        _azure.Deployments[index] = _azure.Deployments[index] with { Tags = new Dictionary<string, string>(_azure.Deployments[index].Tags) { [Correlation.AutoscaleTag] = "true" } };
        _azure.Autoscale[deployment] = new("westeurope", 1, 2, 1, [], new Dictionary<string, string> { [Correlation.RuleTag] = rule });
    }

    private RolloutDriver Driver(RolloutStrategy? strategy, int traffic = 100)
    {
        var driver = new RolloutDriver(_azure, strategy);
        driver.Record = TestData.Record(TestData.Plan with { Strategy = strategy, Traffic = traffic, Autoscale = Setting });
        return driver;
    }
}
