using MLEvents.Deployer.Steps;
using MLEvents.Ledger;
using MLEvents.Rules.Plans;

namespace MLEvents.Deployer.Tests;

/// <summary>
/// An operator's retry uses the existing deployment if that deployment has neither failed nor been cancelled. Otherwise, or if the retry is forced, the retry creates
/// a deployment with another name. A repeated step of the same generation uses the same name.
/// </summary>
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
    public async Task A_deployment_is_created_again_if_it_failed_or_the_retry_is_forced(string state, bool force, bool again)
    {
        _azure.HasEndpoint();
        _azure.HasDeployment(TestData.Deployment, state);

        var first = await StepAsync(Retried(1, force));
        var repeated = await StepAsync(Retried(1, force));

        Assert.Equal(again ? DeploymentNames.CreateForRetry(TestData.Deployment, Retried(1, force).RemoteId) : TestData.Deployment, first.State["deployment"]);
        Assert.Equal(first.State["deployment"], repeated.State["deployment"]);
    }

    [Fact]
    public async Task The_next_steps_use_the_chosen_deployment()
    {
        _azure.HasEndpoint();
        _azure.HasDeployment(TestData.Deployment, "Failed");
        _azure.HasDeployment(Second);

        var result = await StepAsync(Retried(1) with { Stage = Stages.DeploymentCreating, State = new Dictionary<string, string> { ["deployment"] = Second } });

        Assert.Equal($"deployment {Second} is ready", result.Detail);
    }

    [Fact]
    public async Task The_deployment_of_the_latest_generation_decides_whether_a_retry_creates_another()
    {
        _azure.HasEndpoint();
        _azure.HasDeployment(TestData.Deployment, "Succeeded");
        _azure.HasDeployment(DeploymentNames.CreateForRetry(TestData.Deployment, Retried(1).RemoteId), "Failed");

        var result = await StepAsync(Retried(3));

        Assert.Equal(DeploymentNames.CreateForRetry(TestData.Deployment, Retried(3).RemoteId), result.State["deployment"]);
    }

    [Fact]
    public void The_name_for_a_retry_is_valid_and_differs_in_each_generation()
    {
        string[] names = [TestData.Deployment, DeploymentNames.CreateForRetry(TestData.Deployment, "0123-r1"), DeploymentNames.CreateForRetry(TestData.Deployment, "0123-r2")];

        Assert.Equal(3, names.Distinct().Count());
        Assert.All(names, name => Assert.True(RolloutTarget.IsEndpointName(name) && name.Length == TestData.Deployment.Length && name.StartsWith("m3-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_retry_restarts_the_time_limit_of_the_roll_out()
    {
        _azure.HasEndpoint("Updating");

        Assert.IsType<Continue>(await StepAsync(Retried(1) with { Stage = Stages.TrafficMoving, CreatedAt = TestData.Now - TimeSpan.FromDays(30) }));
    }

    private static ActionRecord Retried(int generation, bool force = false) => TestData.Record(TestData.Plan) with { Generation = generation, IsForced = force, RetriedAt = TestData.Now, State = new Dictionary<string, string>() };

    private Task<StepResult> StepAsync(ActionRecord record) => TestData.Work(_azure).StepAsync(record, Token);
}
