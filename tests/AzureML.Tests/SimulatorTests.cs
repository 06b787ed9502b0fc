using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.DataFactory;
using MLEvents.AzureML.Endpoints;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Jobs;

namespace MLEvents.AzureML.Tests;

/// <summary>Jobs, models, endpoints, deployments and pipeline runs, in the simulator that the services use locally.</summary>
public sealed class SimulatorTests
{
    private static readonly ResourceIdentifier Workspace = SimulatorFixture.Workspace;
    private static readonly ResourceIdentifier Pipeline = new($"{SimulatorFixture.Factory}/pipelines/retrain");
    private static readonly JsonObject Parameters = new() { ["actionId"] = "a1" };

    private static JsonObject PipelineJob => new() { ["jobType"] = "Pipeline", ["tags"] = new JsonObject { ["mlevents.correlation"] = "e1" } };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_runs_to_its_end_and_is_not_created_again()
    {
        await using var azure = await SimulatorFixture.StartAsync();
        var jobs = azure.Client.Jobs;

        var started = await jobs.GetOrCreateAsync(Workspace, "retrain-1", PipelineJob, Token);
        var ended = await SimulatorFixture.UntilAsync(() => jobs.GetAsync(Workspace, "retrain-1", Token), job => job.IsTerminal);
        var again = await jobs.GetOrCreateAsync(Workspace, "retrain-1", new JsonObject { ["jobType"] = "Command" }, Token);

        Assert.False(started.IsTerminal);
        Assert.NotNull(started.StudioUrl);
        Assert.Equal("e1", started.Tags["mlevents.correlation"]);
        Assert.Equal((JobStatus.Completed, JobStatus.Completed), (ended.Status, again.Status));
    }

    [Fact]
    public async Task A_job_is_cancelled()
    {
        await using var azure = await SimulatorFixture.StartAsync(TimeSpan.FromSeconds(1));
        await azure.Client.Jobs.GetOrCreateAsync(Workspace, "retrain-1", PipelineJob, Token);

        await azure.Client.Jobs.CancelAsync(Workspace, "retrain-1", Token);

        var ended = await SimulatorFixture.UntilAsync(() => azure.Client.Jobs.GetAsync(Workspace, "retrain-1", Token), job => job.IsTerminal);
        Assert.Equal(JobStatus.Canceled, ended.Status);
        Assert.Null(await azure.Client.Jobs.GetAsync(Workspace, "retrain-2", Token));
    }

    [Theory]
    [InlineData("status", "before", 500)]
    [InlineData("status", "after", 500)]
    [InlineData("status", "before", 429)]
    [InlineData("reset", "before", null)]
    [InlineData("reset", "after", null)]
    [InlineData("timeout", "after", null)]
    public async Task A_job_is_returned_although_the_first_call_fails(string kind, string when, int? status)
    {
        await using var azure = await SimulatorFixture.StartAsync();
        await azure.Simulator.FaultAsync(new JsonObject { ["operation"] = "Jobs_CreateOrUpdate", ["kind"] = kind, ["when"] = when, ["status"] = status, ["count"] = 1 }, Token);

        var job = await azure.Client.Jobs.GetOrCreateAsync(Workspace, "retrain-1", PipelineJob, Token);

        Assert.Equal("e1", job.Tags["mlevents.correlation"]);
    }

    [Fact]
    public async Task Models_are_read_through_all_pages()
    {
        await using var azure = await SimulatorFixture.StartAsync();
        for (var version = 1; version <= 5; version++)
        {
            await azure.Simulator.SimulateAsync("model", new JsonObject { ["name"] = "churn", ["tags"] = new JsonObject { ["stage"] = "production" } }, Token);
        }

        var versions = await azure.Client.Models.ListAsync(Workspace, "churn", Token);
        var third = await azure.Client.Models.GetAsync(Workspace, "churn", "3", Token);

        Assert.Equal(["1", "2", "3", "4", "5"], versions.Select(version => version.Version).Order());
        Assert.Equal(("churn", "3", true, "production"), (third?.Name, third?.Version, third?.IsMLflow, third?.Tags["stage"]));
        Assert.Null(await azure.Client.Models.GetAsync(Workspace, "churn", "9", Token));
        Assert.Empty(await azure.Client.Models.ListAsync(Workspace, "nothing", Token));
    }

    [Fact]
    public async Task A_model_is_deployed_and_its_deployment_is_deleted()
    {
        await using var azure = await SimulatorFixture.StartAsync();
        var (endpoints, deployments) = (azure.Client.Endpoints, azure.Client.Deployments);
        await CreateEndpointAsync(azure);

        await deployments.BeginCreateOrUpdateAsync(Workspace, "churn", "blue", await SpecAsync(azure), Token);
        await SimulatorFixture.UntilAsync(() => deployments.GetAsync(Workspace, "churn", "blue", Token), deployment => ProvisioningState.IsSucceeded(deployment.ProvisioningState));
        await endpoints.BeginSetTrafficAsync(Workspace, "churn", new Dictionary<string, int> { ["blue"] = 100 }, Token);
        var serving = await ReadyEndpointAsync(azure);

        Assert.Equal(100, serving.Traffic["blue"]);
        Assert.NotNull(serving.ScoringUri);
        Assert.Equal("growth", serving.Tags["team"]);
        Assert.Equal(["blue"], (await deployments.ListAsync(Workspace, "churn", Token)).Select(deployment => deployment.Name));
        Assert.NotEmpty(await deployments.GetLogsAsync(Workspace, "churn", "blue", DeploymentContainer.InferenceServer, 20, Token));

        await endpoints.BeginSetTrafficAsync(Workspace, "churn", new Dictionary<string, int> { ["blue"] = 0 }, Token);
        await ReadyEndpointAsync(azure);
        await deployments.DeleteAsync(Workspace, "churn", "blue", Token);
        await SimulatorFixture.UntilAsync(async () => await deployments.GetAsync(Workspace, "churn", "blue", Token) is null ? "gone" : null, _ => true);
        await deployments.DeleteAsync(Workspace, "churn", "blue", Token);
    }

    [Fact]
    public async Task A_deployment_that_fails_has_the_reason()
    {
        await using var azure = await SimulatorFixture.StartAsync();
        await CreateEndpointAsync(azure);
        await azure.Simulator.FaultAsync(new JsonObject { ["operation"] = "OnlineDeployments_CreateOrUpdate", ["kind"] = "failDeployment", ["count"] = 1 }, Token);

        await azure.Client.Deployments.BeginCreateOrUpdateAsync(Workspace, "churn", "blue", await SpecAsync(azure), Token);

        var failed = await SimulatorFixture.UntilAsync(
            () => azure.Client.Deployments.GetAsync(Workspace, "churn", "blue", Token), deployment => ProvisioningState.IsTerminal(deployment.ProvisioningState));
        Assert.True(ProvisioningState.IsFailed(failed.ProvisioningState));
        Assert.Equal("ResourceOperationFailure", failed.Error?.Code);
    }

    [Fact]
    public async Task A_Data_Factory_run_is_started_and_followed()
    {
        await using var azure = await SimulatorFixture.StartAsync();
        var pipelines = azure.Client.Pipelines;

        var id = await pipelines.CreateRunAsync(Pipeline, Parameters, null, Token);
        var ended = await SimulatorFixture.UntilAsync(() => pipelines.GetRunAsync(SimulatorFixture.Factory, id, Token), run => run.IsTerminal);

        Assert.True(PipelineRunStatus.IsSucceeded(ended.Status));
        Assert.Equal("a1", ended.Parameters["actionId"]);
        Assert.Null(await pipelines.GetRunAsync(SimulatorFixture.Factory, Guid.NewGuid().ToString(), Token));
    }

    [Fact]
    public async Task A_pipeline_declares_its_parameters_and_a_rerun_joins_the_group_of_the_cancelled_run()
    {
        await using var azure = await SimulatorFixture.StartAsync(TimeSpan.FromMinutes(1));
        var pipelines = azure.Client.Pipelines;

        var declared = await pipelines.GetParametersAsync(Pipeline, Token);
        var first = await pipelines.CreateRunAsync(Pipeline, Parameters, null, Token);
        await pipelines.CancelRunAsync(SimulatorFixture.Factory, first, Token);
        var rerun = await pipelines.CreateRunAsync(Pipeline, [], first, Token);

        Assert.Equal("String", declared?["mlevents_action"]);
        var cancelled = await pipelines.GetRunAsync(SimulatorFixture.Factory, first, Token);
        var second = await pipelines.GetRunAsync(SimulatorFixture.Factory, rerun, Token);
        Assert.Equal((PipelineRunStatus.Cancelled, first, "a1"), (cancelled?.Status, second?.GroupId, second?.Parameters["actionId"]));
    }

    [Theory]
    [InlineData("status")]
    [InlineData("reset")]
    [InlineData("timeout")]
    public async Task A_run_whose_start_was_not_answered_is_found_instead_of_started_again(string kind)
    {
        await using var azure = await SimulatorFixture.StartAsync();
        var pipelines = azure.Client.Pipelines;
        var begin = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        await azure.Simulator.FaultAsync(new JsonObject { ["operation"] = "Pipelines_CreateRun", ["kind"] = kind, ["when"] = "after", ["count"] = 1 }, Token);

        var error = await Assert.ThrowsAsync<AzureException>(() => pipelines.CreateRunAsync(Pipeline, Parameters, null, Token));
        var found = await pipelines.FindRunAsync(Pipeline, "actionId", "a1", begin, Token);

        Assert.True(error.IsTransient);
        Assert.NotNull(found);
        Assert.Single(await pipelines.QueryRunsAsync(SimulatorFixture.Factory, "retrain", begin, begin.AddHours(1), Token));
    }

    [Fact]
    public async Task All_pages_of_runs_are_read()
    {
        await using var azure = await SimulatorFixture.StartAsync();
        var begin = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        for (var run = 0; run < 5; run++)
        {
            await azure.Client.Pipelines.CreateRunAsync(Pipeline, Parameters, null, Token);
        }

        var runs = await azure.Client.Pipelines.QueryRunsAsync(SimulatorFixture.Factory, "retrain", begin, begin.AddHours(1), Token);

        Assert.Equal(5, runs.Select(run => run.RunId).Distinct().Count());
    }

    private static async Task CreateEndpointAsync(SimulatorFixture azure)
    {
        var spec = new OnlineEndpointSpec("westeurope", Tags: new Dictionary<string, string> { ["team"] = "growth" });
        await azure.Client.Endpoints.BeginCreateOrUpdateAsync(Workspace, "churn", spec, Token);
        await ReadyEndpointAsync(azure);
    }

    private static Task<OnlineEndpoint> ReadyEndpointAsync(SimulatorFixture azure) => SimulatorFixture.UntilAsync(
        () => azure.Client.Endpoints.GetAsync(Workspace, "churn", Token), endpoint => ProvisioningState.IsSucceeded(endpoint.ProvisioningState));

    private static async Task<OnlineDeploymentSpec> SpecAsync(SimulatorFixture azure)
    {
        await azure.Simulator.SimulateAsync("model", new JsonObject { ["name"] = "churn", ["version"] = "1" }, Token);
        return new OnlineDeploymentSpec($"{Workspace}/models/churn/versions/1", "Standard_DS3_v2", 1, "westeurope");
    }
}
