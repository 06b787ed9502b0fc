using MLEvents.AzureML.Errors;
using MLEvents.Deployer.Steps;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Tests;

/// <summary>Limits of Azure: found before anything is built where the endpoint shows them, and explained where Azure refuses the deployment.</summary>
public sealed class DeploymentRoomTests
{
    private readonly FakeAzure _azure = new() { Model = TestData.Model() };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(19, true)]
    [InlineData(20, false)]
    public async Task An_endpoint_that_is_full_fails_the_action_before_anything_is_built(int deployments, bool isRoom)
    {
        Fill(deployments);

        var result = await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan), Token);

        Assert.Equal(isRoom, result is Continue);
        Assert.True(isRoom || result is Failed { Detail: { } detail } && detail.StartsWith("endpoint churn-scoring has 20 deployments, and Azure allows 20. Delete those without traffic", StringComparison.Ordinal), result.Detail);
        Assert.Null(_azure.AskedDeployment);
    }

    [Fact]
    public async Task An_endpoint_that_is_full_with_the_action_s_own_deployment_is_continued()
    {
        Fill(19);
        _azure.HasDeployment(TestData.Deployment);

        Assert.IsType<Continue>(await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan), Token));
    }

    [Theory]
    [InlineData("OutOfQuota", "Not enough quota available", "Request quota for the family of Standard_DS3_v2 in westeurope (studio, Quota), or set another deploy.instanceType or a smaller deploy.instanceCount (2), and retry the action")]
    [InlineData("BadArgument", "The instance type Standard_X is not supported", "Set a deploy.instanceType that online deployments support in westeurope (az ml compute list-sizes --location westeurope), and retry the action")]
    public async Task A_refusal_of_azure_says_what_to_do(string code, string message, string fix)
    {
        _azure.HasEndpoint();
        _azure.CreationRefusal = new AzureException(message) { Operation = "OnlineDeployments_CreateOrUpdate", Status = 400, Code = code };

        var result = await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan, Stages.DeploymentCreating), Token);

        Assert.EndsWith(fix, Assert.IsType<Failed>(result).Detail, StringComparison.Ordinal);
        Assert.Contains(message, result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_refusal_is_reported_as_it_is()
    {
        _azure.HasEndpoint();
        _azure.CreationRefusal = new AzureException("The model is broken") { Operation = "OnlineDeployments_CreateOrUpdate", Status = 400, Code = "UserError" };

        Assert.EndsWith("The model is broken", Assert.IsType<Failed>(await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan, Stages.DeploymentCreating), Token)).Detail, StringComparison.Ordinal);
    }

    private void Fill(int deployments)
    {
        _azure.HasEndpoint();
        for (var number = 0; number < deployments; number++)
        {
            _azure.HasDeployment($"other-{number}");
        }
    }
}
