using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Tests;

public sealed class OnlineDeploymentsTests
{
    private const string ModelId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/ws/models/churn/versions/3";

    private static readonly string Deployments = $"{AzureClient.Workspace}/onlineEndpoints/churn/deployments";
    private static readonly string Path = $"{Deployments}/v3";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Known_and_unknown_members_of_a_deployment_are_read()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, new FakeAnswer(200, Deployment("v3", "Succeeded")));
        using var azure = AzureClient.For(arm);

        var deployment = await azure.Deployments.GetAsync(AzureClient.Workspace, "churn", "v3", Token);

        Assert.NotNull(deployment);
        Assert.Equal(("v3", "Succeeded", ModelId), (deployment.Name, deployment.ProvisioningState, deployment.ModelId));
        Assert.Equal("a1", deployment.Tags["mlevents.action"]);
        Assert.Null(deployment.Error);
        Assert.NotNull(deployment.Raw["sku"]);
        Assert.Single(arm.Calls);
    }

    [Fact]
    public async Task A_deployment_that_does_not_exist_is_null()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);

        Assert.Null(await azure.Deployments.GetAsync(AzureClient.Workspace, "churn", "v3", Token));
    }

    [Fact]
    public async Task A_failed_deployment_has_the_error_of_its_operation()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, new FakeAnswer(200, Deployment("v3", "Failed", $"{arm.Address}subscriptions/s/operations/1?api-version=2024-04-01")));
        arm.On("GET", "/subscriptions/s/operations/1", new FakeAnswer(200, """
            { "status": "Failed", "error": { "code": "ResourceNotReady", "message": "Container crashed.", "target": "container", "details": [ { "code": "ImageBuildFailure", "message": "pip" } ] } }
            """));
        using var azure = AzureClient.For(arm);

        var deployment = await azure.Deployments.GetAsync(AzureClient.Workspace, "churn", "v3", Token);

        Assert.Equal("ResourceNotReady: Container crashed. (target container) [ImageBuildFailure: pip]", deployment?.Error?.ToString());
    }

    [Theory]
    [InlineData(404)]
    [InlineData(403)]
    public async Task A_failed_deployment_whose_operation_cannot_be_read_has_no_error(int status)
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, new FakeAnswer(200, Deployment("v3", "Failed", "/subscriptions/s/operations/1")));
        arm.On("GET", "/subscriptions/s/operations/1", FakeAnswer.Error(status, "Gone"));
        using var azure = AzureClient.For(arm);

        var deployment = await azure.Deployments.GetAsync(AzureClient.Workspace, "churn", "v3", Token);

        Assert.Equal("Failed", deployment?.ProvisioningState);
        Assert.Null(deployment?.Error);
    }

    [Fact]
    public async Task All_pages_of_a_list_are_read()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On(
            "GET",
            Deployments,
            new FakeAnswer(200, $$"""{ "value": [ {{Deployment("v2", "Succeeded")}} ], "nextLink": "{{arm.Address}}{{Deployments[1..]}}?$skipToken=x" }"""),
            new FakeAnswer(200, $$"""{ "value": [ {{Deployment("v3", "Creating")}} ], "nextLink": null }"""));
        using var azure = AzureClient.For(arm);

        var deployments = await azure.Deployments.ListAsync(AzureClient.Workspace, "churn", Token);

        Assert.Equal([("v2", "Succeeded"), ("v3", "Creating")], deployments.Select(deployment => (deployment.Name, deployment.ProvisioningState)));
    }

    [Fact]
    public async Task An_MLflow_model_is_deployed_without_environment_and_code()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("PUT", Path, new FakeAnswer(201, Deployment("v3", "Creating"), ("Azure-AsyncOperation", $"{arm.Address}operations/1")));
        using var azure = AzureClient.For(arm);

        await azure.Deployments.BeginCreateOrUpdateAsync(
            AzureClient.Workspace, "churn", "v3", new OnlineDeploymentSpec(ModelId, "Standard_DS3_v2", 2, "westeurope", Tags: new Dictionary<string, string> { ["a"] = "b" }), Token);

        var put = Assert.Single(arm.Calls);
        Assert.Equal("westeurope", put.Json["location"]?.GetValue<string>());
        Assert.Equal("""{"name":"Default","capacity":2}""", put.Json["sku"]?.ToJsonString());
        Assert.Equal("""{"a":"b"}""", put.Json["tags"]?.ToJsonString());
        Assert.Equal(
            $$"""{"endpointComputeType":"Managed","model":"{{ModelId}}","instanceType":"Standard_DS3_v2","scaleSettings":{"scaleType":"Default"} }""".Replace(" }", "}", StringComparison.Ordinal),
            put.Json["properties"]?.ToJsonString());
    }

    [Fact]
    public async Task A_model_with_environment_and_code_is_deployed_with_them()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("PUT", Path, new FakeAnswer(200, Deployment("v3", "Updating")));
        using var azure = AzureClient.For(arm);

        await azure.Deployments.BeginCreateOrUpdateAsync(
            AzureClient.Workspace, "churn", "v3", new OnlineDeploymentSpec(ModelId, "Standard_DS3_v2", 1, "westeurope", "env-id", new CodeConfiguration("code-id", "score.py")), Token);

        var properties = Assert.Single(arm.Calls).Json["properties"];
        Assert.Equal("env-id", properties?["environmentId"]?.GetValue<string>());
        Assert.Equal("""{"codeId":"code-id","scoringScript":"score.py"}""", properties?["codeConfiguration"]?.ToJsonString());
    }

    [Theory]
    [InlineData(200)]
    [InlineData(202)]
    [InlineData(204)]
    [InlineData(404)]
    public async Task Deleting_does_not_wait_and_accepts_a_deployment_that_does_not_exist(int status)
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("DELETE", Path, status == 404 ? FakeAnswer.Error(404, "ResourceNotFound") : new FakeAnswer(status, null, ("Location", $"{arm.Address}operations/1")));
        using var azure = AzureClient.For(arm);

        await azure.Deployments.DeleteAsync(AzureClient.Workspace, "churn", "v3", Token);

        Assert.Single(arm.Calls);
    }

    [Fact]
    public async Task Deleting_a_deployment_that_still_has_traffic_is_a_permanent_failure()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("DELETE", Path, FakeAnswer.Error(400, "BadRequest", "Deployment has traffic."));
        using var azure = AzureClient.For(arm);

        var error = await Assert.ThrowsAsync<AzureException>(() => azure.Deployments.DeleteAsync(AzureClient.Workspace, "churn", "v3", Token));

        Assert.False(error.IsTransient);
    }

    [Fact]
    public async Task The_end_of_a_container_log_is_read()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("POST", $"{Path}/getLogs", new FakeAnswer(200, """{ "content": "Traceback" }"""));
        using var azure = AzureClient.For(arm);

        var log = await azure.Deployments.GetLogsAsync(AzureClient.Workspace, "churn", "v3", DeploymentContainer.StorageInitializer, 50, Token);

        Assert.Equal("Traceback", log);
        Assert.Equal("""{"containerType":"StorageInitializer","tail":50}""", Assert.Single(arm.Calls).Body);
    }

    private static string Deployment(string name, string state, string? operation = null) => $$"""
        {
          "id": "{{Deployments}}/{{name}}",
          "name": "{{name}}",
          "type": "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments",
          "location": "westeurope",
          "sku": { "name": "Default", "capacity": 1 },
          "tags": { "mlevents.action": "a1" },
          "properties": {
            "endpointComputeType": "Managed", "model": "{{ModelId}}", "instanceType": "Standard_DS3_v2", "provisioningState": "{{state}}",
            "properties": { "AzureAsyncOperationUri": "{{operation}}" }
          }
        }
        """;
}
