using MLEvents.Deployer.Steps;
using MLEvents.Ledger;
using MLEvents.Rules.Plans;

namespace MLEvents.Deployer.Tests;

/// <summary>An operator's retry continues a deployment that has not failed, and creates a failed one again under another name, once a generation.</summary>
public sealed class RetryTests
{
    private const string Second = "m3-2cb2f14c";
    private readonly FakeAzure _azure = new() { Model = TestData.Model() };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Failed", false, true)]
    [InlineData("Canceled", false, true)]
    [InlineData("Updating", false, false)]
    [InlineData("Succeeded", false, false)]
    [InlineData("Succeeded", true, true)]
    public async Task A_deployment_is_made_again_if_it_failed_or_by_force(string state, bool force, bool again)
    {
        _azure.HasEndpoint();
        _azure.HasDeployment(TestData.Deployment, state);

        var first = await StepAsync(Retried(1, force));
        var repeated = await StepAsync(Retried(1, force));

        Assert.Equal(again ? DeploymentNames.Again(TestData.Deployment, Retried(1, force).RemoteId) : TestData.Deployment, first.State["deployment"]);
        Assert.Equal(first.State["deployment"], repeated.State["deployment"]);
    }

    [Fact]
    public async Task The_steps_after_it_go_on_with_the_deployment_that_was_chosen()
    {
        _azure.HasEndpoint();
        _azure.HasDeployment(TestData.Deployment, "Failed");
        _azure.HasDeployment(Second);

        var result = await StepAsync(Retried(1) with { Stage = Stages.DeploymentCreating, State = new Dictionary<string, string> { ["deployment"] = Second } });

        Assert.Equal($"deployment {Second} is ready", result.Detail);
    }

    [Fact]
    public async Task Of_several_generations_the_last_one_that_made_something_counts()
    {
        _azure.HasEndpoint();
        _azure.HasDeployment(TestData.Deployment, "Succeeded");
        _azure.HasDeployment(DeploymentNames.Again(TestData.Deployment, Retried(1).RemoteId), "Failed");

        var result = await StepAsync(Retried(3));

        Assert.Equal(DeploymentNames.Again(TestData.Deployment, Retried(3).RemoteId), result.State["deployment"]);
    }

    [Fact]
    public void A_name_for_another_try_is_as_long_as_the_first_and_another_each_time()
    {
        string[] names = [TestData.Deployment, DeploymentNames.Again(TestData.Deployment, "0123-r1"), DeploymentNames.Again(TestData.Deployment, "0123-r2")];

        Assert.Equal(3, names.Distinct().Count());
        Assert.All(names, name => Assert.True(RolloutTarget.IsEndpointName(name) && name.Length == TestData.Deployment.Length && name.StartsWith("m3-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_time_that_a_roll_out_may_take_begins_anew()
    {
        _azure.HasEndpoint("Updating");

        Assert.IsType<Continue>(await StepAsync(Retried(1) with { Stage = Stages.TrafficMoving, CreatedAt = TestData.Now - TimeSpan.FromDays(30) }));
    }

    private static ActionRecord Retried(int generation, bool force = false) => TestData.Record(TestData.Plan) with { Generation = generation, IsForced = force, RetriedAt = TestData.Now, State = new Dictionary<string, string>() };

    private Task<StepResult> StepAsync(ActionRecord record) => TestData.Work(_azure).StepAsync(record, Token);
}
