using System.Text.Json.Nodes;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Tests;

public sealed class DataFactoryPipelinesTests
{
    private static readonly string CreateRun = $"{AzureClient.Pipeline}/createRun";
    private static readonly string Query = $"{AzureClient.Factory}/queryPipelineRuns";
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly JsonObject Parameters = new() { ["actionId"] = "a1" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_is_started_with_its_parameters()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("POST", CreateRun, new FakeAnswer(200, """{ "runId": "r1" }"""));
        using var azure = AzureClient.For(arm);

        var run = await azure.Pipelines.CreateRunAsync(AzureClient.Pipeline, Parameters, null, Token);

        Assert.Equal("r1", run);
        var call = Assert.Single(arm.Calls);
        Assert.Equal(("?api-version=2018-06-01", """{"actionId":"a1"}"""), (call.Query, call.Body));
    }

    [Fact]
    public async Task A_rerun_continues_the_failed_run_from_its_failed_activity()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("POST", CreateRun, new FakeAnswer(200, """{ "runId": "r2" }"""));
        using var azure = AzureClient.For(arm);

        await azure.Pipelines.CreateRunAsync(AzureClient.Pipeline, [], "r 1", Token);

        Assert.Equal("?api-version=2018-06-01&referencePipelineRunId=r%201&isRecovery=true&startFromFailure=true", Assert.Single(arm.Calls).Query);
    }

    [Fact]
    public async Task The_declared_parameters_of_a_pipeline_are_read()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", $"{AzureClient.Pipeline}", new FakeAnswer(200, """{ "properties": { "parameters": { "names": { "type": "Array" }, "n": { "type": "Int", "defaultValue": 1 } } } }"""));
        using var azure = AzureClient.For(arm);

        var declared = await azure.Pipelines.GetParametersAsync(AzureClient.Pipeline, Token);

        Assert.Equal(new Dictionary<string, string> { ["names"] = "Array", ["n"] = "Int" }, declared);
    }

    [Fact]
    public async Task The_parameters_of_a_pipeline_that_does_not_exist_are_null()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);

        Assert.Null(await azure.Pipelines.GetParametersAsync(AzureClient.Pipeline, Token));
    }

    [Fact]
    public async Task A_run_is_cancelled_with_the_runs_that_it_started()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("POST", $"{AzureClient.Factory}/pipelineruns/r1/cancel", new FakeAnswer(200, ""));
        using var azure = AzureClient.For(arm);

        await azure.Pipelines.CancelRunAsync(AzureClient.Factory, "r1", Token);

        Assert.Equal("?api-version=2018-06-01&isRecursive=true", Assert.Single(arm.Calls).Query);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(0)]
    public async Task Starting_a_run_is_not_repeated_when_the_run_may_have_started(int status)
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("POST", CreateRun, status == 0 ? FakeAnswer.Abort : FakeAnswer.Error(status, "Oops"), new FakeAnswer(200, """{ "runId": "r2" }"""));
        using var azure = AzureClient.For(arm);

        var error = await Assert.ThrowsAsync<AzureException>(() => azure.Pipelines.CreateRunAsync(AzureClient.Pipeline, [], null, Token));

        Assert.True(error.IsTransient);
        Assert.Single(arm.Calls);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Starting_a_run_is_repeated_when_the_answer_says_that_no_run_was_started(int status)
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("POST", CreateRun, FakeAnswer.Error(status, "Later", "No.", ("Retry-After", "0")), new FakeAnswer(200, """{ "runId": "r1" }"""));
        using var azure = AzureClient.For(arm);

        Assert.Equal("r1", await azure.Pipelines.CreateRunAsync(AzureClient.Pipeline, Parameters, null, Token));
        Assert.Equal(2, arm.Calls.Count);
    }

    [Fact]
    public async Task An_answer_without_a_run_id_is_an_error_and_the_call_is_not_repeated()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("POST", CreateRun, new FakeAnswer(200, "{}"));
        using var azure = AzureClient.For(arm);

        var error = await Assert.ThrowsAsync<AzureException>(() => azure.Pipelines.CreateRunAsync(AzureClient.Pipeline, Parameters, null, Token));

        Assert.Equal(AzureException.UnreadableAnswerCode, error.Code);
        Assert.Single(arm.Calls);
    }

    [Fact]
    public async Task A_run_is_read()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", $"{AzureClient.Factory}/pipelineruns/r1", new FakeAnswer(200, Run("r1", "Failed", "a1", "Broke.")));
        using var azure = AzureClient.For(arm);

        var run = await azure.Pipelines.GetRunAsync(AzureClient.Factory, "r1", Token);

        Assert.NotNull(run);
        Assert.Equal(("r1", "retrain", "Failed", "Broke.", true), (run.RunId, run.PipelineName, run.Status, run.Message, run.IsTerminal));
        Assert.Equal(Start, run.RunStart);
        Assert.Null(run.RunEnd);
        Assert.Equal("a1", run.Parameters["actionId"]);
    }

    [Fact]
    public async Task A_run_that_does_not_exist_is_null()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);

        Assert.Null(await azure.Pipelines.GetRunAsync(AzureClient.Factory, "r1", Token));
    }

    [Fact]
    public async Task Runs_are_queried_by_pipeline_and_time_through_all_pages()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("POST", Query, Page("next", Run("r1", "Queued", "a1")), Page(null, Run("r2", "InProgress", "a2")));
        using var azure = AzureClient.For(arm);

        var runs = await azure.Pipelines.QueryRunsAsync(AzureClient.Factory, "retrain", Start, Start.AddHours(1), Token);

        Assert.Equal(["r1", "r2"], runs.Select(run => run.RunId));
        Assert.Equal(
            """{"lastUpdatedAfter":"2026-01-02T03:04:05.0000000Z","lastUpdatedBefore":"2026-01-02T04:04:05.0000000Z","filters":[{"operand":"PipelineName","operator":"Equals","values":["retrain"]}]}""",
            arm.Calls[0].Body);
        Assert.Equal("next", arm.Calls[1].Json["continuationToken"]?.GetValue<string>());
    }

    [Fact]
    public async Task A_run_is_found_again_by_the_value_of_a_parameter()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("POST", Query, Page(null, Run("r1", "Queued", "a0"), Run("r2", "InProgress", "a1")));
        using var azure = AzureClient.For(arm);

        var run = await azure.Pipelines.FindRunAsync(AzureClient.Pipeline, "actionId", "a1", Start, Token);
        var none = await azure.Pipelines.FindRunAsync(AzureClient.Pipeline, "actionId", "a9", Start, Token);

        Assert.Equal("r2", run?.RunId);
        Assert.Null(none);
    }

    [Fact]
    public async Task The_id_of_a_factory_is_refused_as_the_id_of_a_pipeline()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);

        await Assert.ThrowsAsync<ArgumentException>(() => azure.Pipelines.CreateRunAsync(AzureClient.Factory, Parameters, null, Token));
    }

    private static FakeAnswer Page(string? token, params string[] runs)
    {
        var continuation = token is null ? "" : $", \"continuationToken\": \"{token}\"";
        return new FakeAnswer(200, $"{{ \"value\": [ {string.Join(',', runs)} ]{continuation} }}");
    }

    private static string Run(string id, string status, string action, string message = "") => $$"""
        {
          "runId": "{{id}}", "pipelineName": "retrain", "parameters": { "actionId": "{{action}}" }, "status": "{{status}}", "message": "{{message}}",
          "runStart": "2026-01-02T03:04:05Z", "runEnd": null, "durationInMs": null, "lastUpdated": "2026-01-02T03:04:06.1234567Z", "annotations": []
        }
        """;
}
