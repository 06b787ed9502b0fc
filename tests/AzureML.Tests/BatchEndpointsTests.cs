using System.Text.Json.Nodes;

using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Jobs;

namespace MLEvents.AzureML.Tests;

/// <summary>Invocations of batch endpoints, and how their jobs are found and tagged.</summary>
public sealed class BatchEndpointsTests
{
    private static readonly string Path = $"{AzureClient.Workspace}/batchEndpoints/train";
    private static readonly JsonObject Invocation = new() { ["InputData"] = new JsonObject { ["m"] = new JsonObject { ["JobInputType"] = "Literal", ["Value"] = "x" } } };
    private static readonly FakeAnswer Created = new(201, $$"""{ "id": "{{Path}}/jobs/batchjob-1", "name": "batchjob-1", "properties": { "status": "NotStarted" } }""");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("blue")]
    public async Task An_invocation_is_sent_to_the_address_of_the_endpoint_with_a_token_and_the_deployment(string? deployment)
    {
        await using var arm = await FakeArm.StartAsync();
        SetEndpoint(arm);
        arm.On("POST", "/batch/train/jobs", Created);
        using var azure = AzureClient.For(arm);

        var job = await azure.BatchEndpoints.InvokeAsync(AzureClient.Workspace, "train", deployment, Invocation, Token);

        var call = Assert.Single(arm.CallsOf("POST"));
        Assert.Equal("batchjob-1", job);
        Assert.Equal("""{"properties":{"InputData":{"m":{"JobInputType":"Literal","Value":"x"}}}}""", call.Body);
        Assert.Equal(("Bearer local-development-token", deployment ?? ""), (call.Headers.Authorization.ToString(), call.Headers["azureml-model-deployment"].ToString()));
    }

    [Fact]
    public async Task The_name_of_the_job_is_read_from_its_id_when_the_answer_has_no_name()
    {
        await using var arm = await FakeArm.StartAsync();
        SetEndpoint(arm);
        arm.On("POST", "/batch/train/jobs", new FakeAnswer(200, $$"""{ "id": "{{Path}}/jobs/batchjob-2" }"""));
        using var azure = AzureClient.For(arm);

        Assert.Equal("batchjob-2", await azure.BatchEndpoints.InvokeAsync(AzureClient.Workspace, "train", null, Invocation, Token));
    }

    [Theory]
    [InlineData("https://attacker.example/jobs")]
    [InlineData("https://train.westeurope.inference.ml.azure.com.attacker.example/jobs")]
    [InlineData("https://user:pass@train.westeurope.inference.ml.azure.com/jobs")]
    [InlineData("http://train.westeurope.inference.ml.azure.com/jobs")]
    [InlineData("http://127.0.0.1:1/jobs")]
    public async Task An_address_that_is_not_allowed_gets_no_token(string address)
    {
        await using var arm = await FakeArm.StartAsync();
        SetEndpoint(arm, address);
        using var azure = AzureClient.For(arm);

        var refused = await Assert.ThrowsAsync<AzureException>(() => azure.BatchEndpoints.InvokeAsync(AzureClient.Workspace, "train", null, Invocation, Token));

        Assert.Equal((AzureException.NotAllowedCode, false), (refused.Code, refused.IsTransient));
        Assert.StartsWith("BatchEndpoints_Invoke: requests to ", refused.Message, StringComparison.Ordinal);
        Assert.Empty(arm.CallsOf("POST"));
    }

    [Fact]
    public async Task A_redirect_is_not_followed_because_the_token_would_be_sent_with_it()
    {
        await using var arm = await FakeArm.StartAsync();
        SetEndpoint(arm);
        arm.On("POST", "/batch/train/jobs", new FakeAnswer(307, null, ("Location", $"{arm.Address}elsewhere")));
        using var azure = AzureClient.For(arm);

        await Assert.ThrowsAsync<AzureException>(() => azure.BatchEndpoints.InvokeAsync(AzureClient.Workspace, "train", null, Invocation, Token));

        Assert.DoesNotContain(arm.Calls, call => call.Path == "/elsewhere");
    }

    [Fact]
    public async Task A_workspace_that_the_settings_do_not_allow_is_not_called()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm, null, ("Workspaces:0", $"{AzureClient.Workspace}-other"));

        var refused = await Assert.ThrowsAsync<AzureException>(() => azure.BatchEndpoints.InvokeAsync(AzureClient.Workspace, "train", null, Invocation, Token));

        Assert.Equal(AzureException.NotAllowedCode, refused.Code);
        Assert.Empty(arm.Calls);
    }

    [Theory]
    [InlineData(503, 1)]
    [InlineData(500, 1)]
    [InlineData(429, 2)]
    public async Task An_invocation_is_repeated_only_after_an_answer_that_says_that_nothing_was_done(int status, int calls)
    {
        await using var arm = await FakeArm.StartAsync();
        SetEndpoint(arm);
        arm.On("POST", "/batch/train/jobs", FakeAnswer.Error(status, "Busy"), Created);
        using var azure = AzureClient.For(arm);

        var failure = await Record.ExceptionAsync(() => azure.BatchEndpoints.InvokeAsync(AzureClient.Workspace, "train", null, Invocation, Token));

        Assert.Equal(calls, arm.CallsOf("POST").Count());
        Assert.Equal(calls == 1, failure is AzureException { IsTransient: true });
    }

    [Fact]
    public async Task A_refusal_names_the_permission_to_grant()
    {
        await using var arm = await FakeArm.StartAsync();
        SetEndpoint(arm);
        arm.On("POST", "/batch/train/jobs", FakeAnswer.Error(403, "Forbidden"));
        using var azure = AzureClient.For(arm);

        var refused = await Assert.ThrowsAsync<AzureException>(() => azure.BatchEndpoints.InvokeAsync(AzureClient.Workspace, "train", null, Invocation, Token));

        Assert.Contains("the job of a batch endpoint runs as the identity that invokes the endpoint", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "scoringUri": "http://x" }""", "has no default deployment", false)]
    [InlineData("""{ "defaults": { "deploymentName": "d" } }""", "has no scoring address yet", true)]
    public async Task The_error_says_why_an_endpoint_cannot_be_invoked(string properties, string expected, bool isTransient)
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, new FakeAnswer(200, $$"""{ "properties": {{properties}} }"""));
        using var azure = AzureClient.For(arm);

        var refused = await Assert.ThrowsAsync<AzureException>(() => azure.BatchEndpoints.InvokeAsync(AzureClient.Workspace, "train", null, Invocation, Token));

        Assert.Contains($"the batch endpoint {Path} {expected}", refused.Message, StringComparison.Ordinal);
        Assert.Equal(isTransient, refused.IsTransient);
    }

    [Fact]
    public async Task An_endpoint_that_does_not_exist_is_a_permanent_failure()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);

        var refused = await Assert.ThrowsAsync<AzureException>(() => azure.BatchEndpoints.InvokeAsync(AzureClient.Workspace, "train", null, Invocation, Token));

        Assert.Equal((404, false), (refused.Status, refused.IsTransient));
    }

    [Fact]
    public async Task Tags_are_added_to_a_job_once_and_the_rest_of_the_job_does_not_change()
    {
        await using var azure = await SimulatorFixture.StartAsync();
        var (workspace, jobs) = (SimulatorFixture.Workspace, azure.Client.Jobs);
        var name = await azure.Client.BatchEndpoints.InvokeAsync(workspace, "churn-training", null, Invocation, Token);
        var tags = new Dictionary<string, string> { ["mlevents.action"] = "a" };

        var first = await jobs.AddTagsAsync(workspace, name, tags, Token);
        var second = await jobs.AddTagsAsync(workspace, name, tags, Token);

        var job = await jobs.GetAsync(workspace, name, Token);
        Assert.Equal((true, true, "a", "x"), (first, second, job?.Tags["mlevents.action"], job?.Properties["inputs"]?["m"]?["value"]?.ToString()));
        Assert.Equal(1, await azure.Simulator.CountCallsAsync("Jobs_CreateOrUpdate", Token));
        Assert.False(await jobs.AddTagsAsync(workspace, "no-such-job", tags, Token));
    }

    [Fact]
    public async Task Jobs_created_since_a_time_are_listed_from_all_pages()
    {
        await using var azure = await SimulatorFixture.StartAsync();
        var jobs = azure.Client.Jobs;
        foreach (var index in Enumerable.Range(1, 5))
        {
            await jobs.GetOrCreateAsync(SimulatorFixture.Workspace, $"job-{index}", new JsonObject { ["jobType"] = "Pipeline" }, Token);
        }

        var all = await jobs.ListAsync(SimulatorFixture.Workspace, TimeProvider.System.GetUtcNow().AddHours(-1), Token);
        var later = await jobs.ListAsync(SimulatorFixture.Workspace, TimeProvider.System.GetUtcNow().AddHours(1), Token);

        Assert.Equal(["job-1", "job-2", "job-3", "job-4", "job-5"], all.Select(job => job.Name).Order());
        Assert.All(all, job => Assert.False(JobStatus.Is(job.Status, JobStatus.Unknown)));
        Assert.Empty(later);
    }

    private static void SetEndpoint(FakeArm arm, string? scoringUri = null) => arm.On("GET", Path, new FakeAnswer(200, $$"""
        { "name": "train", "properties": { "scoringUri": "{{scoringUri ?? $"{arm.Address}batch/train/jobs"}}", "authMode": "AADToken", "defaults": { "deploymentName": "default" } } }
        """));
}
