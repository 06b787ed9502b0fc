using System.Text.Json.Nodes;

using Azure;
using Azure.Core;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Resilience;

namespace MLEvents.AzureML.Jobs;

/// <summary>Jobs over Azure Resource Manager. This class sends plain requests, because the generic resource of the Azure SDK would send a location, which a job does not have.</summary>
internal sealed class ArmJobs(ArmConnection arm, [FromKeyedServices(AzureDependency.Arm)] AzureDependency azure) : IJobs
{
    public Task<Job> GetOrCreateAsync(ResourceIdentifier workspace, string name, JsonObject properties, CancellationToken cancellationToken)
    {
        var id = ArmIds.ForJob(workspace, name);
        var body = new JsonObject { ["properties"] = properties.DeepClone() };
        return azure.CallAsync("Jobs_CreateOrUpdate", token => FindOrCreateAsync(id, body, token), cancellationToken);
    }

    public Task<Job?> GetAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken)
    {
        var id = ArmIds.ForJob(workspace, name);
        return azure.CallAsync("Jobs_Get", token => FindAsync(id, token), cancellationToken);
    }

    public Task CancelAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken)
    {
        var id = ArmIds.ForJob(workspace, name);
        return azure.CallAsync("Jobs_Cancel", token => arm.SendAsync(RequestMethod.Post, ArmPath.For(id, ArmConnection.MachineLearningVersion, "/cancel"), null, null, token), cancellationToken);
    }

    public async Task<IReadOnlyList<Job>> ListAsync(ResourceIdentifier workspace, DateTimeOffset createdSince, CancellationToken cancellationToken)
    {
        var path = ArmPath.For(ArmIds.ForWorkspace(workspace), ArmConnection.MachineLearningVersion, "/jobs");
        var jobs = await azure.ReadListAsync(arm, "Jobs_List", path, cancellationToken);
        return [.. jobs.Select(ToJob).Where(job => job.CreatedAt is null || job.CreatedAt >= createdSince)];
    }

    public Task<bool> AddTagsAsync(ResourceIdentifier workspace, string name, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken)
    {
        var id = ArmIds.ForJob(workspace, name);
        return azure.CallAsync("Jobs_CreateOrUpdate", token => AddTagsAsync(id, tags, token), cancellationToken);
    }

    private async Task<bool> AddTagsAsync(ArmId id, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken) is not { } job)
        {
            return false;
        }

        if (tags.All(tag => job.Tags.GetValueOrDefault(tag.Key) == tag.Value))
        {
            return true;
        }

        // Azure accepts an update of a job if it changes only tags, description, display name, properties or the archived state.
        var properties = job.Properties.DeepClone().AsObject();
        properties["tags"] = job.Tags.Concat(tags).GroupBy(tag => tag.Key).ToDictionary(entries => entries.Key, entries => entries.Last().Value).ToJson();
        await arm.SendAsync(RequestMethod.Put, ArmPath.For(id, ArmConnection.MachineLearningVersion), new JsonObject { ["properties"] = properties }, null, cancellationToken);
        return true;
    }

    // Each attempt searches first: if the answer to a PUT was lost, the next attempt finds the job that the PUT created.
    private async Task<Job> FindOrCreateAsync(ArmId id, JsonObject body, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken) is { } existing)
        {
            return existing;
        }

        try
        {
            return ToJob(id, (await arm.SendAsync(RequestMethod.Put, ArmPath.For(id, ArmConnection.MachineLearningVersion), body, null, cancellationToken)).Body);
        }
        catch (RequestFailedException exception) when (exception.Status is 400 or 409)
        {
            // Another process may have created the job. Azure reports "already exists" with either status, so the job is read again.
            if (await FindAsync(id, cancellationToken) is { } theirs)
            {
                return theirs;
            }

            throw;
        }
    }

    private async Task<Job?> FindAsync(ArmId id, CancellationToken cancellationToken) =>
        await arm.FindAsync(ArmPath.For(id, ArmConnection.MachineLearningVersion), cancellationToken) is { } answer ? ToJob(id, answer.Body) : null;

    private static Job ToJob(JsonObject body) => ToJob(body.Text("id")?.Split('/')[^1] ?? "", body);

    private static Job ToJob(ArmId id, JsonObject body) => ToJob(id.Name, body);

    private static Job ToJob(string name, JsonObject body)
    {
        var properties = body.Object("properties") ?? [];
        var status = properties.Text("status") ?? JobStatus.Unknown;
        return new Job(body.Text("name") ?? name, status, JobStatus.IsTerminal(status), StudioUrl(properties), properties.Texts("tags"), properties)
        {
            CreatedAt = body.Object("systemData").Time("createdAt"),
        };
    }

    // Azure does not document the key of the studio's address. The casing of the key is therefore ignored.
    private static Uri? StudioUrl(JsonObject properties) => properties.Object("services")?
        .Where(service => string.Equals(service.Key, "Studio", StringComparison.OrdinalIgnoreCase))
        .Select(service => (service.Value as JsonObject).Address("endpoint"))
        .FirstOrDefault();
}
