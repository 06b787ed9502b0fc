using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.BatchEndpoints;
using MLEvents.AzureML.Errors;

namespace MLEvents.Retrainer.Tests;

/// <summary>Batch endpoints in memory. A job gets the inputs of its invocation, and the other members of the invocation that a test selects in <see cref="Kept"/>.</summary>
internal sealed class FakeBatchEndpoints(FakeJobs jobs) : IBatchEndpoints
{
    /// <summary>The invocations, in their order.</summary>
    public List<(string Endpoint, string? Deployment, JsonObject Properties)> Invocations { get; } = [];

    /// <summary>The error of an invocation; null if the invocation succeeds. The job is created in spite of the error, unless <see cref="CreatesNothing"/> is set.</summary>
    public AzureException? Refusal { get; set; }

    /// <summary>Whether invocations create no jobs.</summary>
    public bool CreatesNothing { get; set; }

    /// <summary>The members of the invocation that the job gets in addition to its inputs: <c>name</c>, <c>tags</c>, <c>properties</c>.</summary>
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
