using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml;

using Azure;
using Azure.Core;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Resilience;

namespace MLEvents.AzureML.Scaling;

/// <summary>Reads and writes autoscale settings through Azure Resource Manager. The calls share their credential and limits with all other calls to Resource Manager.</summary>
internal sealed class ArmAutoscaleSettings(ArmConnection arm, [FromKeyedServices(AzureDependency.Arm)] AzureDependency azure) : IAutoscaleSettings
{
    public Task<AutoscaleSetting?> FindAsync(ResourceIdentifier workspace, string endpoint, string deployment, CancellationToken cancellationToken)
    {
        var path = ArmPath.ForAutoscaleSetting(ArmIds.ForDeployment(workspace, endpoint, deployment));
        return azure.CallAsync(
            "AutoscaleSettings_Get",
            async token => await arm.FindAsync(path, token) is { } answer ? new AutoscaleSetting(answer.Body.Text("name") ?? "", answer.Body.Texts("tags")) : null,
            cancellationToken);
    }

    public Task SetAsync(ResourceIdentifier workspace, string endpoint, string deployment, AutoscaleSpec spec, CancellationToken cancellationToken)
    {
        var id = ArmIds.ForDeployment(workspace, endpoint, deployment);
        var body = ToJson(id, spec);
        return azure.CallAsync(
            "AutoscaleSettings_CreateOrUpdate", token => arm.SendAsync(RequestMethod.Put, ArmPath.ForAutoscaleSetting(id), body, null, token), cancellationToken);
    }

    public Task DeleteAsync(ResourceIdentifier workspace, string endpoint, string deployment, CancellationToken cancellationToken)
    {
        var path = ArmPath.ForAutoscaleSetting(ArmIds.ForDeployment(workspace, endpoint, deployment));
        return azure.CallAsync("AutoscaleSettings_Delete", token => DeleteAsync(path, token), cancellationToken);
    }

    private async Task DeleteAsync(ArmPath path, CancellationToken cancellationToken)
    {
        try
        {
            await arm.SendAsync(RequestMethod.Delete, path, null, null, cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            // The setting is already deleted, perhaps by an earlier attempt whose answer was lost.
            return;
        }
    }

    private static JsonObject ToJson(ArmId deployment, AutoscaleSpec spec) => new()
    {
        ["location"] = spec.Location,
        ["tags"] = (spec.Tags ?? new Dictionary<string, string>()).ToJson(),
        ["properties"] = new JsonObject
        {
            // A setting without this flag does nothing.
            ["enabled"] = true,
            ["targetResourceUri"] = deployment.ToString(),
            ["targetResourceLocation"] = spec.Location,
            ["profiles"] = new JsonArray(new JsonObject
            {
                ["name"] = "default",
                ["capacity"] = new JsonObject { ["minimum"] = Text(spec.Min), ["maximum"] = Text(spec.Max), ["default"] = Text(spec.Default) },
                ["rules"] = new JsonArray([.. spec.Triggers.Select(trigger => ToJson(deployment, trigger))]),
            }),
        },
    };

    private static JsonObject ToJson(ArmId deployment, AutoscaleTrigger trigger) => new()
    {
        ["metricTrigger"] = new JsonObject
        {
            ["metricName"] = trigger.Metric,
            ["metricResourceUri"] = deployment.ToString(),
            ["timeGrain"] = "PT1M",
            ["statistic"] = "Average",
            ["timeWindow"] = XmlConvert.ToString(trigger.Window),
            ["timeAggregation"] = "Average",
            ["operator"] = trigger.Change > 0 ? "GreaterThan" : "LessThan",
            ["threshold"] = trigger.Threshold,
        },
        ["scaleAction"] = new JsonObject
        {
            ["direction"] = trigger.Change > 0 ? "Increase" : "Decrease",
            ["type"] = "ChangeCount",
            ["value"] = Text(Math.Abs(trigger.Change)),
            ["cooldown"] = XmlConvert.ToString(trigger.Cooldown),
        },
    };

    // The API takes numbers of instances as strings.
    private static string Text(int instances) => instances.ToString(CultureInfo.InvariantCulture);
}
