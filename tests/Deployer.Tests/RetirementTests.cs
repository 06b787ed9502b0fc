using MLEvents.AzureML.Errors;
using MLEvents.Deployer.Steps;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer.Tests;

/// <summary>The deletion of replaced deployments after a roll-out. All other deployments stay.</summary>
public sealed class RetirementTests
{
    private static readonly RolloutStrategy Strategy = new() { Keep = 1 };
    private readonly FakeAzure _azure = new() { Model = TestData.Model(), TakesEffect = true };

    public RetirementTests()
    {
        _azure.HasEndpoint("Succeeded", ("blue", 100));
        _azure.HasDeploymentOf("oldest", "rollout", 1);
        _azure.HasDeploymentOf("broken", "rollout", 2, "Failed");
        _azure.HasDeploymentOf("blue", "rollout", 3);
        _azure.HasDeploymentOf("by-hand", "", 1);
        _azure.HasDeploymentOf("of-another-rule", "other", 1);
    }

    [Fact]
    public async Task Deployments_without_traffic_that_the_rule_created_are_deleted_except_the_newest_that_the_rule_keeps()
    {
        var driver = new RolloutDriver(_azure, Strategy);

        var end = Assert.IsType<Succeeded>(await driver.RunAsync());

        Assert.Equal(["oldest", "broken"], _azure.Deleted);
        Assert.Equal("deployment m3-0123abcd with model churn:3 has 100% of the traffic of churn-scoring; deleted: oldest, broken", end.Detail);
        Assert.Equal(Stages.Retiring, driver.Stages[^1]);
    }

    [Fact]
    public async Task A_rule_that_keeps_nothing_deletes_all_of_its_deployments_that_have_neither_traffic_nor_mirrored_traffic()
    {
        _azure.Endpoint = _azure.Endpoint is { } endpoint ? endpoint with { MirrorTraffic = new Dictionary<string, int> { ["oldest"] = 10 } } : null;

        await new RolloutDriver(_azure, Strategy with { Keep = 0 }).RunAsync();

        Assert.Equal(["broken", "blue"], _azure.Deleted);
    }

    [Theory]
    [InlineData(0, "oldest", "broken", "blue", "undated")]
    [InlineData(1, "oldest", "broken")]
    [InlineData(2, "oldest")]
    public void A_deployment_without_a_creation_time_is_deleted_only_if_the_rule_keeps_none(int keep, params string[] expected)
    {
        _azure.HasEndpoint("Succeeded", ("new", 100));
        _azure.HasDeployment("undated");
        var deployments = _azure.Deployments.Select(deployment => deployment.Name == "undated" ? deployment with { Tags = new Dictionary<string, string> { [Correlation.RuleTag] = "rollout" } } : deployment);

        var retired = RetirementStep.FindRetired("rollout", TestData.Plan with { Strategy = Strategy with { Keep = keep } }, _azure.Endpoint ?? throw new InvalidOperationException(), deployments);

        Assert.Equal(expected, retired.Select(deployment => deployment.Name));
    }

    [Fact]
    public async Task A_rule_without_keep_deletes_nothing()
    {
        Assert.IsType<Succeeded>(await new RolloutDriver(_azure, Strategy with { Keep = null }).RunAsync());

        Assert.Empty(_azure.Deleted);
        Assert.Empty(_azure.FollowUps);
    }

    [Fact]
    public async Task The_time_limit_of_the_deletions_begins_after_the_last_bake_time()
    {
        var options = new DeployerOptions { PollInterval = TimeSpan.FromMinutes(10) };
        var bake = options.LongestRollout + TimeSpan.FromHours(1);

        var end = Assert.IsType<Succeeded>(await new RolloutDriver(_azure, Strategy with { Steps = [new(100, bake)] }, options: options).RunAsync());

        Assert.Equal("deployment m3-0123abcd with model churn:3 has 100% of the traffic of churn-scoring; deleted: oldest, broken", end.Detail);
    }

    [Fact]
    public async Task A_deployment_that_cannot_be_deleted_does_not_undo_the_roll_out()
    {
        _azure.DeletionRefusal = new AzureException("locked") { Operation = "OnlineDeployments_Delete", Code = "ScopeLocked", Status = 403 };

        var end = Assert.IsType<Succeeded>(await new RolloutDriver(_azure, Strategy).RunAsync());

        Assert.Equal("deployment m3-0123abcd with model churn:3 has 100% of the traffic of churn-scoring; could not be deleted: oldest, broken (ScopeLocked: locked)", end.Detail);
    }

    [Fact]
    public async Task The_detail_names_the_deleted_deployments_and_those_that_cannot_be_deleted()
    {
        _azure.Deleting = _ => _azure.DeletionRefusal = new AzureException("locked") { Operation = "OnlineDeployments_Delete", Code = "ScopeLocked", Status = 403 };

        var end = Assert.IsType<Succeeded>(await new RolloutDriver(_azure, Strategy).RunAsync());

        Assert.EndsWith("; deleted: oldest; could not be deleted: broken (ScopeLocked: locked)", end.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_separate_retirement_that_cannot_delete_a_deployment_fails_and_names_it()
    {
        _azure.DeletionRefusal = new AzureException("locked") { Operation = "OnlineDeployments_Delete", Code = "ScopeLocked", Status = 403 };
        var driver = new RolloutDriver(_azure, Strategy);
        driver.Record = TestData.Record(TestData.Plan with { Strategy = Strategy, Purpose = RolloutPurpose.Retirement });

        var end = Assert.IsType<Failed>(await driver.RunAsync());

        Assert.Equal("retirement on churn-scoring after churn:3; could not be deleted: oldest (ScopeLocked: locked)", end.Detail);
    }

    [Fact]
    public async Task The_detail_names_a_deployment_that_was_deleted_before_a_crash()
    {
        var driver = new RolloutDriver(_azure, Strategy);
        var stored = driver.Record;
        _azure.Deleting = name => stored = name == "oldest" ? driver.Record : stored;
        while (_azure.Deleted.Count == 0)
        {
            await driver.StepAsync();
        }

        // The result of the last step is lost.
        driver.Record = stored;
        var end = Assert.IsType<Succeeded>(await driver.RunAsync());

        Assert.EndsWith("; deleted: oldest, broken", end.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deployment_that_failed_and_cannot_be_deleted_is_named_in_the_error()
    {
        _azure.DeletionRefusal = new AzureException("locked") { Operation = "OnlineDeployments_Delete", Code = "ScopeLocked", Status = 403 };
        var check = new SampleCheck { Name = "s", Body = "{}", Expect = new() { Status = 201 } };

        var end = Assert.IsType<Failed>(await new RolloutDriver(_azure, Strategy with { Verify = [check], FailedDeployment = FailedDeploymentAction.Delete }).RunAsync());

        Assert.EndsWith("deployment m3-0123abcd could not be deleted: ScopeLocked: locked", end.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_later_retirement_is_a_separate_action_that_reads_the_traffic_again()
    {
        var driver = new RolloutDriver(_azure, Strategy with { RetireAfter = TimeSpan.FromHours(24) });
        var end = Assert.IsType<Succeeded>(await driver.RunAsync());
        var followUp = Assert.Single(_azure.FollowUps);
        var deletedBefore = _azure.Deleted.Count;

        // An operator has rolled back to the earlier deployment in the meantime.
        _azure.HasEndpoint("Succeeded", ("blue", 100));
        var later = new RolloutDriver(_azure, strategy: null);
        later.Record = later.Record with { Id = "fedcba98fedcba98fedc", Plan = followUp.Plan, State = new Dictionary<string, string>() };
        var retired = Assert.IsType<Succeeded>(await later.RunAsync());

        Assert.Equal((0, TimeSpan.FromHours(24)), (deletedBefore, followUp.DueAt - driver.Time.GetUtcNow()));
        Assert.Contains("are deleted after 2026-11-02 12:00:30Z", end.Detail, StringComparison.Ordinal);
        Assert.Equal(["queued", "retiring"], later.Stages);
        Assert.Equal(["oldest", "broken"], _azure.Deleted);
        Assert.Contains("retirement on churn-scoring after churn:3; deleted: oldest, broken", retired.Detail, StringComparison.Ordinal);
    }
}
