using System.Text.Json.Nodes;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Jobs;

namespace MLEvents.AzureML.Tests;

public sealed class JobsTests
{
    private static readonly string Path = $"{AzureClient.Workspace}/jobs/retrain-1";
    private static readonly FakeAnswer NotFound = FakeAnswer.Error(404, "UserError");

    private static readonly FakeAnswer Running = new(200, """
        {
          "name": "retrain-1",
          "properties": {
            "jobType": "Pipeline",
            "status": "Running",
            "tags": { "mlevents.correlation": "e1", "attempt": 1, "empty": null },
            "services": { "studio": { "endpoint": "https://ml.azure.com/runs/retrain-1?wsid=x" }, "Tracking": null },
            "somethingNew": { "kept": true }
          }
        }
        """);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_job_is_created_under_its_name_with_the_pinned_api_version_and_a_token()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, NotFound);
        arm.On("PUT", Path, Running with { Status = 201 });
        using var azure = AzureClient.For(arm);

        var job = await azure.Jobs.GetOrCreateAsync(AzureClient.Workspace, "retrain-1", new JsonObject { ["jobType"] = "Pipeline" }, Token);

        var put = Assert.Single(arm.CallsOf("PUT"));
        Assert.Equal("?api-version=2024-04-01", put.Query);
        Assert.Equal($"Bearer {LocalTokenCredential.Token}", put.Headers.Authorization.ToString());
        Assert.Equal("""{"properties":{"jobType":"Pipeline"}}""", put.Body);
        Assert.Equal("Running", job.Status);
    }

    [Fact]
    public async Task A_job_that_exists_is_returned_and_not_created_again()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, Running);
        using var azure = AzureClient.For(arm);

        var job = await azure.Jobs.GetOrCreateAsync(AzureClient.Workspace, "retrain-1", [], Token);

        Assert.Equal("retrain-1", job.Name);
        Assert.Empty(arm.CallsOf("PUT"));
    }

    [Theory]
    [InlineData(409, "Conflict")]
    [InlineData(400, "UserError")]
    public async Task A_job_that_another_caller_created_meanwhile_is_returned(int status, string code)
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, NotFound, Running);
        arm.On("PUT", Path, FakeAnswer.Error(status, code, "A job with this name already exists."));
        using var azure = AzureClient.For(arm);

        var job = await azure.Jobs.GetOrCreateAsync(AzureClient.Workspace, "retrain-1", [], Token);

        Assert.Equal("Running", job.Status);
        Assert.Single(arm.CallsOf("PUT"));
    }

    [Fact]
    public async Task A_creation_whose_answer_was_lost_does_not_start_a_second_job()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, NotFound, Running);
        arm.On("PUT", Path, FakeAnswer.Abort);
        using var azure = AzureClient.For(arm);

        var job = await azure.Jobs.GetOrCreateAsync(AzureClient.Workspace, "retrain-1", [], Token);

        Assert.Equal("Running", job.Status);
        Assert.Single(arm.CallsOf("PUT"));
    }

    [Fact]
    public async Task A_refused_job_is_not_tried_again()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("PUT", Path, FakeAnswer.Error(400, "ValidationError", "No such compute."));
        using var azure = AzureClient.For(arm);

        var error = await Assert.ThrowsAsync<AzureException>(() => azure.Jobs.GetOrCreateAsync(AzureClient.Workspace, "retrain-1", [], Token));

        Assert.Equal(("Jobs_CreateOrUpdate", 400, "ValidationError", false), (error.Operation, error.Status, error.Code, error.IsTransient));
        Assert.Contains("No such compute.", error.Message, StringComparison.Ordinal);
        Assert.Single(arm.CallsOf("PUT"));
    }

    [Fact]
    public async Task The_properties_of_the_caller_are_not_changed()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("PUT", Path, Running);
        using var azure = AzureClient.For(arm);
        var properties = new JsonObject { ["jobType"] = "Command" };

        await azure.Jobs.GetOrCreateAsync(AzureClient.Workspace, "retrain-1", properties, Token);

        Assert.Null(properties.Parent);
    }

    [Fact]
    public async Task Known_and_unknown_members_of_a_job_are_read()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, Running);
        using var azure = AzureClient.For(arm);

        var job = await azure.Jobs.GetAsync(AzureClient.Workspace, "retrain-1", Token);

        Assert.NotNull(job);
        Assert.False(job.IsTerminal);
        Assert.Equal(new Uri("https://ml.azure.com/runs/retrain-1?wsid=x"), job.StudioUrl);
        Assert.Equal(new Dictionary<string, string> { ["mlevents.correlation"] = "e1", ["attempt"] = "1" }, job.Tags);
        Assert.True(job.Properties["somethingNew"]?["kept"]?.GetValue<bool>());
    }

    [Fact]
    public async Task A_job_that_does_not_exist_is_null()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);

        Assert.Null(await azure.Jobs.GetAsync(AzureClient.Workspace, "retrain-1", Token));
    }

    [Fact]
    public async Task A_job_without_a_status_has_the_status_unknown_and_has_not_ended()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, new FakeAnswer(200, "{}"));
        using var azure = AzureClient.For(arm);

        var job = await azure.Jobs.GetAsync(AzureClient.Workspace, "retrain-1", Token);

        Assert.Equal(("retrain-1", JobStatus.Unknown, false), (job?.Name, job?.Status, job?.IsTerminal));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(202)]
    public async Task A_job_is_cancelled_without_waiting(int status)
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("POST", $"{Path}/cancel", new FakeAnswer(status));
        using var azure = AzureClient.For(arm);

        await azure.Jobs.CancelAsync(AzureClient.Workspace, "retrain-1", Token);

        Assert.Equal($"{Path}/cancel", Assert.Single(arm.Calls).Path);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("a/../../b")]
    [InlineData("a b")]
    [InlineData("a\n")]
    public async Task A_name_that_no_job_can_have_is_refused_before_any_call(string name)
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);

        await Assert.ThrowsAsync<ArgumentException>(() => azure.Jobs.GetAsync(AzureClient.Workspace, name, Token));

        Assert.Empty(arm.Calls);
    }

    [Fact]
    public async Task A_call_is_repeated_after_an_answer_that_is_not_JSON()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, new FakeAnswer(200, "<html>"), Running);
        using var azure = AzureClient.For(arm);

        var job = await azure.Jobs.GetAsync(AzureClient.Workspace, "retrain-1", Token);

        Assert.Equal("Running", job?.Status);
    }
}
