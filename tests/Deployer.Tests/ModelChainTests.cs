using Microsoft.Extensions.DependencyInjection;

using MLEvents.Events;
using MLEvents.Ledger.Chains;
using MLEvents.Tests.Services;

namespace MLEvents.Deployer.Tests;

/// <summary>The chain of a registered model, over the wire. The event and the model's tags do not name the chain, because Azure does not copy the tags of the job to the model.</summary>
public sealed class ModelChainTests : IAsyncLifetime
{
    private const string Rules = """
        deployments:
          - name: rollout
            model: { name: churn }
            deploy: { endpoint: churn-scoring, location: westeurope }

        """;

    private static readonly string Path = Lineage.KeyOf("retrainer", "train");

    private readonly RolloutFixture _rollouts = new(Rules, ("Chains:Wait", "00:00:10"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SimulatedAzure Azure => _rollouts.Azure;

    private IChainRecords Records => _rollouts.Deployer.Service.Services.GetRequiredService<IChainRecords>();

    public ValueTask InitializeAsync() => _rollouts.StartAsync();

    public ValueTask DisposeAsync() => _rollouts.DisposeAsync();

    [Fact]
    public async Task The_record_of_the_training_job_names_the_chain()
    {
        await Records.SaveJobAsync(SampleEvents.Workspace, "mlevents-1", new("drift-1", Path), Token);

        var (registered, end) = await RollOutAsync("""{ "name": "churn", "version": "1", "jobName": "mlevents-1" }""");

        Assert.Equal(("succeeded", "drift-1"), (end.Status, end.CorrelationId));
        Assert.Equal(new JoinedChain("drift-1", Path), await Records.FindEventAsync(registered, Token));
        var deployment = Assert.Single(await Azure.ListAsync("deployments", Token));
        Assert.Equal("drift-1", (string?)deployment["tags"]?[Correlation.Tag]);
        Assert.StartsWith($"{Path}.", (string?)deployment["tags"]?[Correlation.PathTag], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_record_the_tags_of_the_job_at_azure_name_the_chain()
    {
        await Azure.PutJobAsync("elsewhere-1", $$"""{ "jobType": "Pipeline", "tags": { "mlevents.correlation": "drift-2", "mlevents.path": "{{Path}}" } }""", Token);

        var (_, end) = await RollOutAsync("""{ "name": "churn", "version": "1", "jobName": "elsewhere-1" }""");

        Assert.Equal("drift-2", end.CorrelationId);
    }

    [Theory]
    [InlineData("""{ "name": "churn", "version": "1" }""")]
    [InlineData("""{ "name": "churn", "version": "1", "jobName": "unknown-1" }""")]
    public async Task A_model_without_a_known_job_begins_a_chain(string model)
    {
        var (registered, end) = await RollOutAsync(model);

        Assert.Equal(("succeeded", registered.Id), (end.Status, end.CorrelationId));
        Assert.Equal(JoinedChain.None, await Records.FindEventAsync(registered, Token));
    }

    [Fact]
    public async Task A_transient_failure_of_azure_is_retried()
    {
        await Records.SaveJobAsync(SampleEvents.Workspace, "mlevents-1", new("drift-1", Path), Token);
        await Azure.FaultAsync("""{ "operation": "ModelVersions_Get", "kind": "status", "status": 503, "count": 6 }""", Token);

        var (_, end) = await RollOutAsync("""{ "name": "churn", "version": "1", "jobName": "mlevents-1" }""");

        Assert.Equal("drift-1", end.CorrelationId);
    }

    private async Task<(WorkflowEvent Registered, ActionChanged End)> RollOutAsync(string model)
    {
        await Azure.SimulateAsync("model", model, Token);
        var registered = RolloutFixture.Registered("1");
        await _rollouts.Deployer.PublishAsync(registered, Token);
        return (registered, await _rollouts.Deployer.EndOfAsync("rollout", registered, Token));
    }
}
