using System.Text.Json.Nodes;

using Azure;
using Azure.Core;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Resilience;

namespace MLEvents.AzureML.Jobs;

/// <summary>Jobs over Azure Resource Manager. Plain requests: a job has no location, which a generic resource would write.</summary>
internal sealed class ArmJobs(ArmConnection arm, [FromKeyedServices(AzureDependency.Arm)] AzureDependency azure) : IJobs
{
    public Task<Job> CreateOrUpdateAsync(ResourceIdentifier workspace, string name, JsonObject properties, CancellationToken cancellationToken)
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

    // One attempt looks first: after a put whose answer got lost, the next attempt finds the job it made.
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
        catch (RequestFailedException refused) when (refused.Status is 400 or 409)
        {
            // Somebody else was quicker. The service words "already exists" as either status, so whether the job is there decides.
            if (await FindAsync(id, cancellationToken) is { } theirs)
            {
                return theirs;
            }

            throw;
        }
    }

    private async Task<Job?> FindAsync(ArmId id, CancellationToken cancellationToken) =>
        await arm.FindAsync(ArmPath.For(id, ArmConnection.MachineLearningVersion), cancellationToken) is { } answer ? ToJob(id, answer.Body) : null;

    private static Job ToJob(ArmId id, JsonObject body)
    {
        var properties = body.Object("properties") ?? [];
        var status = properties.Text("status") ?? JobStatus.Unknown;
        return new Job(body.Text("name") ?? id.Name, status, JobStatus.IsTerminal(status), StudioUrl(properties), properties.Texts("tags"), properties);
    }

    // The key's name is practice, not specification, so its casing is not relied on.
    private static Uri? StudioUrl(JsonObject properties) => properties.Object("services")?
        .Where(service => string.Equals(service.Key, "Studio", StringComparison.OrdinalIgnoreCase))
        .Select(service => (service.Value as JsonObject).Address("endpoint"))
        .FirstOrDefault();
}
