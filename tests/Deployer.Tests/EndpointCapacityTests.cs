using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

using MLEvents.AzureML.Errors;
using MLEvents.Deployer.Steps;
using MLEvents.Ledger;

namespace MLEvents.Deployer.Tests;

/// <summary>Azure's limits and quotas: the deployer checks them before it creates a deployment, and explains Azure's refusal of a deployment.</summary>
public sealed class EndpointCapacityTests
{
    private readonly FakeAzure _azure = new() { Model = TestData.Model() };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(19, true)]
    [InlineData(20, false)]
    public async Task A_full_endpoint_fails_the_action_before_anything_is_created(int deployments, bool isRoom)
    {
        Fill(deployments);

        var result = await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan), Token);

        Assert.Equal(isRoom, result is Continue);
        Assert.True(isRoom || result is Failed { Detail: { } detail } && detail.StartsWith("endpoint churn-scoring has 20 deployments, and Azure allows 20. Delete deployments without traffic", StringComparison.Ordinal), result.Detail);
        Assert.Null(_azure.RequestedDeployment);
    }

    [Fact]
    public async Task A_full_endpoint_that_contains_the_deployment_of_the_action_does_not_fail_the_action()
    {
        Fill(19);
        _azure.HasDeployment(TestData.Deployment);

        Assert.IsType<Continue>(await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan), Token));
    }

    [Theory]
    [InlineData("OutOfQuota", "Not enough quota available", "Request quota for the family of Standard_DS3_v2 in northeurope (studio, Quota), or set another deploy.instanceType or a smaller deploy.instanceCount (2), and retry the action")]
    [InlineData("BadArgument", "The instance type Standard_X is not supported", "Set a deploy.instanceType that online deployments support in northeurope (az ml compute list-sizes --location northeurope), and retry the action")]
    public async Task The_error_of_a_refused_deployment_contains_the_correction_and_the_region_of_the_endpoint(string code, string message, string fix)
    {
        _azure.HasEndpoint();
        _azure.CreationRefusal = new AzureException(message) { Operation = "OnlineDeployments_CreateOrUpdate", Status = 400, Code = code };

        var result = await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan, Stages.DeploymentCreating), Token);

        Assert.EndsWith(fix, Assert.IsType<Failed>(result).Detail, StringComparison.Ordinal);
        Assert.Contains(message, result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_without_a_known_fix_is_reported_unchanged()
    {
        _azure.HasEndpoint();
        _azure.CreationRefusal = new AzureException("The model is broken") { Operation = "OnlineDeployments_CreateOrUpdate", Status = 400, Code = "UserError" };

        Assert.EndsWith("The model is broken", Assert.IsType<Failed>(await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan, Stages.DeploymentCreating), Token)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_size_that_is_not_in_the_list_of_sizes_does_not_stop_the_roll_out()
    {
        _azure.Sizes.AddRange([new("Standard_DS2_v2", "standardDSv2Family", 2), new("Standard_F4s_v2", "standardFSv2Family", 4)]);
        _azure.Usage = new("Standard DSv2 Family Cluster Dedicated vCPUs", 0, 0);

        Assert.IsType<Continue>(await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan), Token));
    }

    [Fact]
    public async Task A_machine_size_without_a_number_of_cores_and_a_family_without_a_quota_do_not_stop_the_roll_out()
    {
        _azure.Sizes.Add(new("Standard_DS3_v2", "standardDSv2Family", 0));
        _azure.Usage = new("Standard DSv2 Family Cluster Dedicated vCPUs", 0, 0);
        Assert.IsType<Continue>(await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan), Token));

        _azure.Sizes[0] = new("Standard_DS3_v2", "standardDSv2Family", 4);
        _azure.Usage = null;
        Assert.IsType<Continue>(await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan), Token));
    }

    [Fact]
    public async Task The_check_of_the_quota_can_be_turned_off()
    {
        _azure.Sizes.Add(new("Standard_DS3_v2", "standardDSv2Family", 4));
        _azure.Usage = new("Standard DSv2 Family Cluster Dedicated vCPUs", 20, 20);
        var work = TestData.Work(_azure, Options.Create(new DeployerOptions { CheckQuota = false }), new FakeTimeProvider(TestData.Now));

        Assert.IsType<Continue>(await work.StepAsync(TestData.Record(TestData.Plan), Token));
        Assert.IsType<Failed>(await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan), Token));
    }

    [Theory]
    [InlineData(12, 20, true)]
    [InlineData(13, 20, false)]
    public async Task An_insufficient_quota_fails_the_action_before_anything_is_created(int used, int limit, bool isRoom)
    {
        _azure.Sizes.Add(new("Standard_DS3_v2", "standardDSv2Family", 4));
        _azure.Usage = new("Standard DSv2 Family Cluster Dedicated vCPUs", used, limit);

        var result = await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan), Token);

        Assert.Equal(isRoom, result is Continue);
        Assert.True(isRoom || result.Detail?.StartsWith("2 × Standard_DS3_v2 need 8 cores, but quota 'Standard DSv2 Family Cluster Dedicated vCPUs' in westeurope has 7 of 20 left. Request quota", StringComparison.Ordinal) == true, result.Detail);
        Assert.Null(_azure.RequestedEndpoint);
    }

    [Theory]
    [InlineData("west/europe")]
    [InlineData("")]
    public async Task An_invalid_location_fails_the_action_before_anything_is_created(string location) =>
        Assert.StartsWith($"deploy.location '{location}' is not the name of an Azure region", Assert.IsType<Failed>(await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan with { Location = location }), Token)).Detail, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("Standard DS3")]
    public async Task An_invalid_instance_type_fails_the_action_before_anything_is_created(string type) =>
        Assert.StartsWith($"deploy.instanceType '{type}' is not the name of a machine size", Assert.IsType<Failed>(await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan with { InstanceType = type }), Token)).Detail, StringComparison.Ordinal);

    [Theory]
    [InlineData(403, "AuthorizationFailed", false)]
    [InlineData(400, "NoRegisteredProviderFound", false)]
    [InlineData(200, AzureException.UnreadableAnswerCode, false)]
    [InlineData(503, "ServerBusy", true)]
    [InlineData(0, AzureException.CircuitOpenCode, true)]
    public async Task A_list_of_sizes_that_cannot_be_read_does_not_stop_a_roll_out(int status, string code, bool isTransient)
    {
        _azure.QuotaRefusal = new AzureException("not now") { Operation = "VirtualMachineSizes_List", Status = status, Code = code, IsTransient = isTransient };

        Assert.IsType<Continue>(await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan), Token));
    }

    [Fact]
    public async Task The_quota_is_not_checked_for_a_kubernetes_cluster()
    {
        _azure.Sizes.Add(new("Standard_F4s_v2", "standardFSv2Family", 4));

        Assert.IsType<Continue>(await TestData.Work(_azure).StepAsync(TestData.Record(TestData.Plan with { ComputeId = "k8s" }), Token));
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
