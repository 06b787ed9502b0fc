using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Jobs;

namespace MLEvents.Retrainer.Tests;

/// <summary>Jobs in memory.</summary>
internal sealed class FakeJobs : IJobs
{
    /// <summary>The jobs' properties by name.</summary>
    public Dictionary<string, JsonObject> Jobs { get; } = [];

    /// <summary>The creation times of jobs, by name. A job without an entry was created at <see cref="TestData.Now"/>.</summary>
    public Dictionary<string, DateTimeOffset> Created { get; } = [];

    /// <summary>The workspace of the last call.</summary>
    public ResourceIdentifier? Workspace { get; private set; }

    /// <summary>The error of creating, reading and cancelling a job; null if these calls succeed. The job is created or cancelled in spite of the error.</summary>
    public AzureException? Refusal { get; set; }

    public Task<Job> GetOrCreateAsync(ResourceIdentifier workspace, string name, JsonObject properties, CancellationToken cancellationToken)
    {
        Workspace = workspace;
        Jobs.TryAdd(name, properties);
        return Refusal is null ? Task.FromResult(Read(name)) : Task.FromException<Job>(Refusal);
    }

    public Task<Job?> GetAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken)
    {
        Workspace = workspace;
        return Refusal is null ? Task.FromResult(Jobs.ContainsKey(name) ? Read(name) : null) : Task.FromException<Job?>(Refusal);
    }

    /// <summary>The jobs whose cancellation was requested.</summary>
    public List<string> Cancelled { get; } = [];

    public Task CancelAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken)
    {
        Cancelled.Add(name);
        Jobs[name]["status"] = JobStatus.CancelRequested;
        return Refusal is null ? Task.CompletedTask : Task.FromException(Refusal);
    }

    /// <summary>The error of adding tags; null if the call succeeds.</summary>
    public AzureException? TagsRefusal { get; set; }

    public Task<IReadOnlyList<Job>> ListAsync(ResourceIdentifier workspace, DateTimeOffset createdSince, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Job>>([.. Jobs.Keys.Select(Read).Where(job => !(job.CreatedAt < createdSince))]);

    public Task<bool> AddTagsAsync(ResourceIdentifier workspace, string name, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken)
    {
        if (TagsRefusal is { } refusal)
        {
            return Task.FromException<bool>(refusal);
        }

        if (!Jobs.TryGetValue(name, out var job))
        {
            return Task.FromResult(false);
        }

        job["tags"] = new JsonObject(tags.Select(tag => KeyValuePair.Create(tag.Key, (JsonNode?)tag.Value)));
        return Task.FromResult(true);
    }

    /// <summary>Gives all jobs a status and further properties.</summary>
    public void Become(string status, string more = "{}")
    {
        foreach (var job in Jobs.Values)
        {
            job["status"] = status;
            foreach (var (name, value) in JsonNode.Parse(more)?.AsObject() ?? [])
            {
                job[name] = value?.DeepClone();
            }
        }
    }

    private static Dictionary<string, string> Tags(JsonObject job) => (job["tags"] as JsonObject ?? []).ToDictionary(tag => tag.Key, tag => tag.Value?.ToString() ?? "");

    private Job Read(string name)
    {
        var status = Jobs[name]["status"]?.GetValue<string>() ?? JobStatus.NotStarted;
        return new Job(name, status, JobStatus.IsTerminal(status), null, Tags(Jobs[name]), Jobs[name]) { CreatedAt = Created.GetValueOrDefault(name, TestData.Now) };
    }
}
