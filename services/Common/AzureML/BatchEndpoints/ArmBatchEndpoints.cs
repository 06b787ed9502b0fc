using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Resilience;
using MLEvents.AzureML.Scoring;

namespace MLEvents.AzureML.BatchEndpoints;

/// <summary>
/// Reads the address of a batch endpoint from Azure Resource Manager, and invokes the endpoint at that address. Before the read, <see cref="ArmScope"/> checks the endpoint's workspace.
/// Before the invocation, <see cref="ScoringHosts"/> checks the host of the address.
/// </summary>
internal sealed class ArmBatchEndpoints(
    ArmConnection arm,
    BatchConnection batch,
    ScoringHosts hosts,
    [FromKeyedServices(AzureDependency.Arm)] AzureDependency azure,
    [FromKeyedServices(AzureDependency.BatchEndpoints)] AzureDependency endpoints) : IBatchEndpoints
{
    private const string Operation = "BatchEndpoints_Invoke";

    public async Task<string> InvokeAsync(ResourceIdentifier workspace, string endpoint, string? deployment, JsonObject properties, CancellationToken cancellationToken)
    {
        var target = ArmIds.ForBatchEndpoint(workspace, endpoint);
        var named = deployment is null ? null : target.Child("deployments", deployment).Name;
        var address = await FindAddressAsync(target, named, cancellationToken);
        var body = new JsonObject { ["properties"] = properties.DeepClone() };
        return await endpoints.CallAsync(Operation, Repeat.WhenNotDone, token => PostAsync(address, named, body, token), cancellationToken);
    }

    private async Task<Uri> FindAddressAsync(ArmId target, string? deployment, CancellationToken cancellationToken)
    {
        var path = ArmPath.For(target, ArmConnection.MachineLearningVersion);
        var found = await azure.CallAsync("BatchEndpoints_Get", token => arm.FindAsync(path, token), cancellationToken)
            ?? throw Failed($"the batch endpoint {target} does not exist", 404, isTransient: false);
        var properties = found.Body.Object("properties");
        if (deployment is null && string.IsNullOrEmpty(properties.Object("defaults").Text("deploymentName")))
        {
            throw Failed($"the batch endpoint {target} has no default deployment; set its default deployment, or name a deployment in the rule (run.deployment)", 0, isTransient: false);
        }

        return hosts.Check(properties.Address("scoringUri") ?? throw Failed($"the batch endpoint {target} has no scoring address yet", 0, isTransient: true), Operation);
    }

    private async Task<string> PostAsync(Uri address, string? deployment, JsonObject body, CancellationToken cancellationToken)
    {
        var job = (await batch.PostAsync(address, deployment, body, cancellationToken)).Body;
        return job.Text("name") ?? job.Text("id")?.Split('/')[^1] ?? throw new FormatException("The answer does not contain the name of the job.");
    }

    private static AzureException Failed(string text, int status, bool isTransient) =>
        new($"{Operation}: {text}.") { Operation = Operation, Status = status, Code = status == 404 ? "EndpointNotFound" : AzureException.UnreadableAnswerCode, IsTransient = isTransient };
}
