using System.Text.Json.Nodes;

using Azure;
using Azure.Core;

using Microsoft.Extensions.Options;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Resilience;

namespace MLEvents.AzureML.Tracking;

/// <summary>
/// Reads run metrics with MLflow's REST API (<c>GET 2.0/mlflow/runs/get</c>, https://mlflow.org/docs/latest/rest-api.html#get-run) at the address that the workspace names,
/// with the token of Azure Resource Manager. See https://learn.microsoft.com/azure/machine-learning/how-to-use-mlflow-configure-tracking.
/// </summary>
internal sealed class MlflowRunMetrics(
    ArmConnection arm,
    IOptions<AzureMLOptions> options,
    [FromKeyedServices(AzureDependency.Arm)] AzureDependency azure,
    [FromKeyedServices(AzureDependency.Tracking)] AzureDependency tracking) : IRunMetrics, IDisposable
{
    private const string Operation = "MlflowRuns_Get";

    private readonly DataPlane _server = new(options.Value, options.Value.Audience);

    public async Task<IReadOnlyDictionary<string, double>?> ReadAsync(ResourceIdentifier workspace, string run, CancellationToken cancellationToken)
    {
        var path = ArmPath.For(ArmIds.ForWorkspace(workspace), ArmConnection.MachineLearningVersion);
        var found = await azure.CallAsync("Workspaces_Get", token => arm.FindAsync(path, token), cancellationToken);
        if (found?.Body.Object("properties").Address("mlFlowTrackingUri") is not { } address)
        {
            return null;
        }

        var server = TrackingAddress.Check(address, workspace, options.Value, Operation);
        var answer = await tracking.CallAsync(Operation, token => FindAsync(new Uri(server, $"runs/get?run_id={Uri.EscapeDataString(run)}"), token), cancellationToken);
        return answer is null ? null : Read(answer);
    }

    public void Dispose() => _server.Dispose();

    private async Task<JsonObject?> FindAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            return (await _server.SendAsync(RequestMethod.Get, address, null, cancellationToken)).Body;
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return null;
        }
    }

    private static Dictionary<string, double> Read(JsonObject answer)
    {
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var metric in answer.Object("run").Object("data").Objects("metrics"))
        {
            if (metric.Text("key") is { } name && metric.Number("value") is { } value && double.IsFinite(value))
            {
                values[name] = value;
            }
        }

        return values;
    }
}
