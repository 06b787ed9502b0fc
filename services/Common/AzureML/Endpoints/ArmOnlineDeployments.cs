using System.Text.Json.Nodes;

using Azure;
using Azure.Core;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Resilience;

namespace MLEvents.AzureML.Endpoints;

/// <summary>Online deployments over Azure Resource Manager.</summary>
internal sealed class ArmOnlineDeployments(ArmConnection arm, [FromKeyedServices(AzureDependency.Arm)] AzureDependency azure) : IOnlineDeployments
{
    public Task<OnlineDeployment?> GetAsync(ResourceIdentifier workspace, string endpoint, string name, CancellationToken cancellationToken)
    {
        var id = ArmIds.ForDeployment(workspace, endpoint, name);
        return azure.CallAsync("OnlineDeployments_Get", token => FindAsync(id, token), cancellationToken);
    }

    public async Task<IReadOnlyList<OnlineDeployment>> ListAsync(ResourceIdentifier workspace, string endpoint, CancellationToken cancellationToken)
    {
        var path = ArmPath.For(ArmIds.ForEndpoint(workspace, endpoint), ArmConnection.MachineLearningVersion, "/deployments");
        var deployments = await azure.ReadListAsync(arm, "OnlineDeployments_List", path, cancellationToken);
        return [.. deployments.Select(deployment => ToDeployment(deployment.Text("name") ?? "", deployment, error: null))];
    }

    public Task BeginCreateOrUpdateAsync(ResourceIdentifier workspace, string endpoint, string name, OnlineDeploymentSpec spec, CancellationToken cancellationToken)
    {
        var id = ArmIds.ForDeployment(workspace, endpoint, name);
        return azure.CallAsync("OnlineDeployments_CreateOrUpdate", token => arm.PutResourceAsync(id, ToJson(spec), token), cancellationToken);
    }

    public Task DeleteAsync(ResourceIdentifier workspace, string endpoint, string name, CancellationToken cancellationToken)
    {
        var id = ArmIds.ForDeployment(workspace, endpoint, name);
        return azure.CallAsync("OnlineDeployments_Delete", token => DeleteAsync(id, token), cancellationToken);
    }

    public Task<string> GetLogsAsync(ResourceIdentifier workspace, string endpoint, string name, string container, int tail, CancellationToken cancellationToken)
    {
        var path = ArmPath.For(ArmIds.ForDeployment(workspace, endpoint, name), ArmConnection.MachineLearningVersion, "/getLogs");
        var body = new JsonObject { ["containerType"] = container, ["tail"] = tail };
        return azure.CallAsync(
            "OnlineDeployments_GetLogs",
            async token => (await arm.SendAsync(RequestMethod.Post, path, body, null, token)).Body.Text("content") ?? "",
            cancellationToken);
    }

    private async Task<OnlineDeployment?> FindAsync(ArmId id, CancellationToken cancellationToken)
    {
        if (await arm.FindResourceAsync(id, cancellationToken) is not { } answer)
        {
            return null;
        }

        var deployment = ToDeployment(id.Name, answer.Body, ErrorIn(answer.Body));
        return deployment.Error is null && ProvisioningState.IsFailed(deployment.ProvisioningState)
            ? deployment with { Error = await OperationErrorAsync(answer.Body, cancellationToken) }
            : deployment;
    }

    private async Task DeleteAsync(ArmId id, CancellationToken cancellationToken)
    {
        try
        {
            await arm.DeleteResourceAsync(id, cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            // The deployment is already deleted, perhaps by an earlier attempt whose answer was lost.
            return;
        }
    }

    // Finds the reason why a deployment failed, if the deployment itself does not contain the reason. The deployment names the failed operation, and this operation contains the reason.
    // The result is null if the deployment names no operation, or if Azure no longer keeps the operation.
    private async Task<ArmError?> OperationErrorAsync(JsonObject body, CancellationToken cancellationToken)
    {
        var operation = body.Object("properties").Object("properties").Text("AzureAsyncOperationUri") is { Length: > 0 } link ? arm.FromLink(link) : null;
        if (operation is null)
        {
            return null;
        }

        try
        {
            return await arm.FindAsync(operation, cancellationToken) is { } answer ? ErrorIn(answer.Body) : null;
        }
        catch (RequestFailedException exception) when (!AzureErrors.IsTransient(exception.Status, "", ""))
        {
            // The deployment is known to have failed. Only the reason stays unknown.
            return null;
        }
    }

    private static ArmError? ErrorIn(JsonObject body) => (body.Object("error") ?? body.Object("properties").Object("error")) is { } error ? ArmErrorReading.Read(error) : null;

    private static JsonObject ToJson(OnlineDeploymentSpec spec)
    {
        var properties = spec.Properties?.DeepClone().AsObject() ?? [];
        properties["endpointComputeType"] ??= "Managed";
        properties["model"] = spec.ModelId;
        if (spec.InstanceType is not null)
        {
            properties["instanceType"] = spec.InstanceType;
        }

        properties["scaleSettings"] ??= new JsonObject { ["scaleType"] = "Default" };

        if (spec.EnvironmentId is not null)
        {
            properties["environmentId"] = spec.EnvironmentId;
        }

        if (spec.CodeConfiguration is { } code)
        {
            properties["codeConfiguration"] = new JsonObject { ["codeId"] = code.CodeId, ["scoringScript"] = code.ScoringScript };
        }

        return new JsonObject
        {
            ["properties"] = properties,
            ["sku"] = new JsonObject { ["name"] = "Default", ["capacity"] = spec.InstanceCount },
        }.WithTagsAndLocation(spec.Tags, spec.Location);
    }

    private static OnlineDeployment ToDeployment(string name, JsonObject body, ArmError? error)
    {
        var properties = body.Object("properties");
        return new OnlineDeployment(
            body.Text("name") ?? name, properties.Text("provisioningState") ?? "", properties.Text("model"), body.Texts("tags"), body, error);
    }
}
