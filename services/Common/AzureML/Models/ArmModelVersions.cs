using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Resilience;

namespace MLEvents.AzureML.Models;

/// <summary>Reads model versions through Azure Resource Manager.</summary>
internal sealed class ArmModelVersions(ArmConnection arm, [FromKeyedServices(AzureDependency.Arm)] AzureDependency azure) : IModelVersions
{
    public Task<ModelVersion?> GetAsync(ResourceIdentifier container, string name, string version, CancellationToken cancellationToken)
    {
        var id = ArmIds.ForVersion(container, name, version);
        return azure.CallAsync(
            "ModelVersions_Get",
            async token => await arm.FindResourceAsync(id, token) is { } answer ? ToModelVersion(id, answer.Body) : null,
            cancellationToken);
    }

    public Task<string?> FindLatestAsync(ResourceIdentifier container, string name, CancellationToken cancellationToken)
    {
        var path = ArmPath.For(ArmIds.ForModel(container, name), ArmConnection.MachineLearningVersion);
        return azure.CallAsync(
            "ModelContainers_Get",
            async token => await arm.FindAsync(path, token) is { } answer ? answer.Body.Object("properties").Text("latestVersion") : null,
            cancellationToken);
    }

    public async Task<IReadOnlyList<ModelVersion>> ListAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken)
    {
        var path = ArmPath.For(ArmIds.ForModel(workspace, name), ArmConnection.MachineLearningVersion, "/versions");
        var versions = await azure.ReadListAsync(arm, "ModelVersions_List", path, cancellationToken);
        return [.. versions.Where(version => version.Text("name") is not null).Select(version => ToModelVersion(ArmIds.ForVersion(workspace, name, version.Text("name") ?? ""), version))];
    }

    private static ModelVersion ToModelVersion(ArmId id, JsonObject body)
    {
        var properties = body.Object("properties");
        return new ModelVersion(
            id.Identifier, id.Identifier.Parent?.Name ?? "", id.Name, properties.Text("modelType"), properties.Texts("tags"), properties.Texts("properties"), properties.Text("jobName"),
            properties.Text("isArchived") == "true")
        {
            Stage = properties.Text("stage"),
        };
    }
}
