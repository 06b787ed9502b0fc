using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.BatchEndpoints;
using MLEvents.AzureML.Errors;

namespace MLEvents.Retrainer.Tests;

/// <summary>Batch endpoints in memory, whose jobs get the inputs of the invocation and, as far as a test says, its names.</summary>
internal sealed class FakeBatchEndpoints(FakeJobs jobs) : IBatchEndpoints
{
    /// <summary>The invocations, in their order.</summary>
    public List<(string Endpoint, string? Deployment, JsonObject Properties)> Invocations { get; } = [];

    /// <summary>What an invocation answers, after its job was created.</summary>
    public AzureException? Refusal { get; set; }

    /// <summary>Whether jobs are not created at all.</summary>
    public bool CreatesNothing { get; set; }

    /// <summary>The members of the invocation that reach the job besides its inputs: <c>name</c>, <c>tags</c>, <c>properties</c>.</summary>
    public IReadOnlyList<string> Kept { get; set; } = [];

    public Task<string> InvokeAsync(ResourceIdentifier workspace, string endpoint, string? deployment, JsonObject properties, CancellationToken cancellationToken)
    {
        Invocations.Add((endpoint, deployment, properties));
        var name = Kept.Contains("name") ? properties["name"]?.ToString() ?? "" : $"batchjob-{Invocations.Count}";
        if (!CreatesNothing)
        {
            jobs.Jobs[name] = Job(endpoint, properties);
        }

        return Refusal is null ? Task.FromResult(name) : Task.FromException<string>(Refusal);
    }

    private JsonObject Job(string endpoint, JsonObject properties)
    {
        var job = new JsonObject { ["experimentName"] = endpoint, ["inputs"] = new JsonObject() };
        foreach (var (input, value) in properties["InputData"]?.AsObject() ?? [])
        {
            job["inputs"]?.AsObject().Add(input, new JsonObject { ["value"] = value?["Value"]?.DeepClone() });
        }

        foreach (var kept in Kept.Where(kept => kept != "name"))
        {
            job[kept] = properties[kept]?.DeepClone();
        }

        return job;
    }
}
