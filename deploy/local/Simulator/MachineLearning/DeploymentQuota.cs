using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>The limits of Azure ML on the number of deployments and of their instances.</summary>
internal sealed class DeploymentQuota(ResourceStore store, ArmScope scope, IOptions<SimulatorOptions> options)
{
    /// <summary>Rejects a deployment that exceeds a limit.</summary>
    /// <exception cref="ArmRefusal">The endpoint already has the maximum number of deployments, or the quota of the instance type is too small.</exception>
    public void Require(string endpoint, string name, JsonObject body)
    {
        var others = store.List(endpoint + "/deployments").Where(found => !Is(found, name)).ToList();
        var largest = options.Value.DeploymentsPerEndpoint;
        if (others.Count >= largest)
        {
            throw ArmRefusal.UserError($"The endpoint '{endpoint.Split('/')[^1]}' has {others.Count} deployments; the maximum number of deployments per endpoint is {largest}. Delete a deployment first.", "deployments");
        }

        var (type, needed) = (body.Text("properties", "instanceType"), body.Number(1, "sku", "capacity"));
        var used = Endpoints(store, scope)
            .SelectMany(id => store.List(id + "/deployments").Where(found => !endpoint.Equals(id, StringComparison.OrdinalIgnoreCase) || !Is(found, name)))
            .Where(found => found.Text("properties", "instanceType") == type)
            .Sum(found => found.Number(1, "sku", "capacity"));
        if (type is not null && used + needed > options.Value.InstanceQuota)
        {
            throw new ArmRefusal(
                StatusCodes.Status400BadRequest,
                "OutOfQuota",
                $"Not enough quota available for {type} in SubscriptionId {scope.Subscription}. Current usage/limit: {used}/{options.Value.InstanceQuota}. Additional needed: {needed}.",
                "instanceType");
        }
    }

    /// <summary>The number of instances of a type in all online deployments of the subscription.</summary>
    public static int CountInstances(ResourceStore store, ArmScope scope, string type) => Endpoints(store, scope)
        .SelectMany(id => store.List(id + "/deployments"))
        .Where(found => found.Text("properties", "instanceType") == type)
        .Sum(found => found.Number(1, "sku", "capacity"));

    private static IEnumerable<string?> Endpoints(ResourceStore store, ArmScope scope) =>
        scope.Workspaces.SelectMany(workspace => store.Select(workspace + "/onlineEndpoints", found => found.Text("id")));

    private static bool Is(JsonObject deployment, string name) => name.Equals(deployment.Text("name"), StringComparison.OrdinalIgnoreCase);
}
