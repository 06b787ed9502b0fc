using Azure.Core;

namespace MLEvents.AzureML.Tests;

public sealed class ReferenceExamplesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Job_PipelineJob_get.json")]
    [InlineData("Job_CommandJob_get.json")]
    public async Task A_job_is_read_as_in_the_example(string example)
    {
        await using var arm = await AnsweringAsync($"{AzureClient.Workspace}/jobs/j", $"machinelearning/{example}");
        using var azure = AzureClient.For(arm);

        var job = await azure.Jobs.GetAsync(AzureClient.Workspace, "j", Token);

        Assert.Equal(("string", "NotStarted", "string"), (job?.Name, job?.Status, job?.Tags["string"]));
    }

    [Fact]
    public async Task A_model_version_is_read_as_in_the_example()
    {
        await using var arm = await AnsweringAsync($"{AzureClient.Workspace}/models/m/versions/1", "machinelearning/Workspace_ModelVersion_get.json");
        using var azure = AzureClient.For(arm);

        var version = await azure.Models.GetAsync(AzureClient.Workspace, "m", "1", Token);

        Assert.Equal(("m", "1", "CustomModel", false, "string"), (version?.Name, version?.Version, version?.ModelType, version?.IsMLflow, version?.Properties["string"]));
    }

    [Fact]
    public async Task An_endpoint_is_read_as_in_the_example()
    {
        await using var arm = await AnsweringAsync($"{AzureClient.Workspace}/onlineEndpoints/e", "machinelearning/Workspace_OnlineEndpoint_get.json");
        using var azure = AzureClient.For(arm);

        var endpoint = await azure.Endpoints.GetAsync(AzureClient.Workspace, "e", Token);

        Assert.Equal(("Creating", "AMLToken", 1), (endpoint?.ProvisioningState, endpoint?.AuthMode, endpoint?.Traffic["string"]));
        Assert.Equal(new Uri("https://www.contoso.com/example"), endpoint?.ScoringUri);
    }

    [Fact]
    public async Task A_deployment_is_read_as_in_the_example()
    {
        await using var arm = await AnsweringAsync($"{AzureClient.Workspace}/onlineEndpoints/e/deployments/d", "machinelearning/OnlineDeployment_ManagedOnlineDeployment_get.json");
        using var azure = AzureClient.For(arm);

        var deployment = await azure.Deployments.GetAsync(AzureClient.Workspace, "e", "d", Token);

        Assert.Equal(("string", "Creating", "string"), (deployment?.Name, deployment?.ProvisioningState, deployment?.ModelId));
    }

    [Fact]
    public async Task Runs_are_queried_as_in_the_example()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("POST", $"{AzureClient.Factory}/queryPipelineRuns", new FakeAnswer(200, ReferenceExamples.Body("datafactory/PipelineRuns_QueryByFactory.json").ToJsonString()));
        using var azure = AzureClient.For(arm);

        var run = await azure.Pipelines.FindRunAsync(new($"{AzureClient.Factory}/pipelines/examplePipeline"), "OutputBlobNameList", "[\"exampleoutput.csv\"]", DateTimeOffset.MinValue, Token);

        Assert.Equal(("2f7fdb90-5df1-4b8e-ac2f-064cfa58202b", "Succeeded", true), (run?.RunId, run?.Status, run?.IsTerminal));
        Assert.Equal(28, (run?.RunEnd - run?.RunStart)?.Seconds);
    }

    // The examples are generated. They have the text "string" in place of a real id, and the SDK cannot read this text as an id.
    private static async Task<FakeArm> AnsweringAsync(string path, string example)
    {
        var arm = await FakeArm.StartAsync();
        var body = ReferenceExamples.Body(example);
        body["id"] = path;
        body["type"] = new ResourceIdentifier(path).ResourceType.ToString();
        arm.On("GET", path, new FakeAnswer(200, body.ToJsonString()));
        return arm;
    }
}
