using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Resilience;

namespace MLEvents.AzureML.Endpoints;

/// <summary>Online endpoints over Azure Resource Manager. An update sends the whole endpoint, so that settings that other users made are kept.</summary>
internal sealed class ArmOnlineEndpoints(ArmConnection arm, [FromKeyedServices(AzureDependency.Arm)] AzureDependency azure) : IOnlineEndpoints
{
    public Task<OnlineEndpoint?> GetAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken)
    {
        var id = ArmIds.ForEndpoint(workspace, name);
        return azure.CallAsync(
            "OnlineEndpoints_Get",
            async token => await arm.FindResourceAsync(id, token) is { } answer ? ToEndpoint(id, answer.Body) : null,
            cancellationToken);
    }

    public Task BeginCreateOrUpdateAsync(ResourceIdentifier workspace, string name, OnlineEndpointSpec spec, CancellationToken cancellationToken)
    {
        var id = ArmIds.ForEndpoint(workspace, name);
        return azure.CallAsync("OnlineEndpoints_CreateOrUpdate", token => CreateOrUpdateAsync(id, spec, token), cancellationToken);
    }

    public Task BeginSetTrafficAsync(ResourceIdentifier workspace, string name, IReadOnlyDictionary<string, int> traffic, CancellationToken cancellationToken)
    {
        var id = ArmIds.ForEndpoint(workspace, name);
        var shares = TrafficShares.Live(traffic);
        return azure.CallAsync("OnlineEndpoints_CreateOrUpdate", token => SetTrafficAsync(id, shares, null, token), cancellationToken);
    }

    public Task BeginSetTrafficAsync(
        ResourceIdentifier workspace, string name, IReadOnlyDictionary<string, int> traffic, IReadOnlyDictionary<string, int> mirror, CancellationToken cancellationToken)
    {
        var id = ArmIds.ForEndpoint(workspace, name);
        var (shares, copies) = (TrafficShares.Live(traffic), TrafficShares.Mirrored(mirror, traffic));
        return azure.CallAsync("OnlineEndpoints_CreateOrUpdate", token => SetTrafficAsync(id, shares, copies, token), cancellationToken);
    }

    private async Task CreateOrUpdateAsync(ArmId id, OnlineEndpointSpec spec, CancellationToken cancellationToken)
    {
        if (await arm.FindResourceAsync(id, cancellationToken) is { } existing)
        {
            // A PUT without traffic would remove the traffic of the deployments. Only the settings of the specification are changed.
            Apply(spec, existing.Body);
            await PutBackAsync(id, existing, cancellationToken);
            return;
        }

        await arm.PutResourceAsync(id, ToJson(spec), cancellationToken);
    }

    private async Task SetTrafficAsync(ArmId id, JsonObject traffic, JsonObject? mirror, CancellationToken cancellationToken)
    {
        var endpoint = await arm.GetResourceAsync(id, cancellationToken);
        Properties(endpoint.Body)["traffic"] = traffic.DeepClone();
        if (mirror is not null)
        {
            Properties(endpoint.Body)["mirrorTraffic"] = mirror.DeepClone();
        }

        await PutBackAsync(id, endpoint, cancellationToken);
    }

    private async Task PutBackAsync(ArmId id, ArmAnswer endpoint, CancellationToken cancellationToken) =>
        await arm.SendAsync(RequestMethod.Put, ArmPath.For(id, ArmConnection.MachineLearningVersion), endpoint.Body, endpoint.ETag, cancellationToken);

    private static void Apply(OnlineEndpointSpec spec, JsonObject body)
    {
        Properties(body)["authMode"] = spec.AuthMode;
        if (spec.Description is not null)
        {
            Properties(body)["description"] = spec.Description;
        }

        if (spec.Tags is not null)
        {
            body["tags"] = spec.Tags.ToJson();
        }
    }

    private static JsonObject ToJson(OnlineEndpointSpec spec)
    {
        var properties = new JsonObject { ["authMode"] = spec.AuthMode };
        if (spec.Description is not null)
        {
            properties["description"] = spec.Description;
        }

        if (spec.ComputeId is not null)
        {
            properties["compute"] = spec.ComputeId;
        }

        // Deployments read the model and the image with the endpoint's identity. Without an identity, they cannot start.
        return new JsonObject
        {
            ["properties"] = properties,
            ["identity"] = ToIdentity(spec.Identities ?? []),
        }.WithTagsAndLocation(spec.Tags, spec.Location);
    }

    private static JsonObject ToIdentity(IReadOnlyList<string> identities) => identities.Count == 0
        ? new JsonObject { ["type"] = "SystemAssigned" }
        : new JsonObject
        {
            ["type"] = "UserAssigned",
            ["userAssignedIdentities"] = new JsonObject(identities.Distinct(StringComparer.OrdinalIgnoreCase).Select(id => KeyValuePair.Create(id, (JsonNode?)new JsonObject()))),
        };

    private static JsonObject Properties(JsonObject body)
    {
        if (body.Object("properties") is { } properties)
        {
            return properties;
        }

        var added = new JsonObject();
        body["properties"] = added;
        return added;
    }

    private static OnlineEndpoint ToEndpoint(ArmId id, JsonObject body)
    {
        var properties = body.Object("properties");
        return new OnlineEndpoint(
            body.Text("name") ?? id.Name,
            properties.Text("provisioningState") ?? "",
            body.Text("location") ?? "",
            properties.Text("authMode") ?? "",
            properties.Numbers("traffic"),
            properties.Address("scoringUri"),
            body.Texts("tags"),
            body)
        {
            MirrorTraffic = properties.Numbers("mirrorTraffic"),
        };
    }
}
