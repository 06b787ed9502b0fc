using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>The machine sizes of a region, and the quotas of the families of machines. The quotas count the cores that online deployments use.</summary>
internal static class MachinesApi
{
    // Each family has one size, so the quota of a family is the quota of its size.
    private static readonly Machine[] Machines =
    [
        new("Standard_DS3_v2", "standardDSv2Family", "Standard DSv2 Family Cluster Dedicated vCPUs", 4, 0, 14),
        new("Standard_F4s_v2", "standardFSv2Family", "Standard FSv2 Family Cluster Dedicated vCPUs", 4, 0, 8),
        new("Standard_E4s_v3", "standardESv3Family", "Standard ESv3 Family Cluster Dedicated vCPUs", 4, 0, 32),
        new("Standard_NC6s_v3", "standardNCSv3Family", "Standard NCSv3 Family Cluster Dedicated vCPUs", 6, 1, 112),
    ];

    /// <summary>Maps the routes.</summary>
    public static void MapMachines(this IEndpointRouteBuilder routes)
    {
        var location = routes.MapArm("/subscriptions/{subscription}/providers/Microsoft.MachineLearningServices/locations/{region}", ArmVersions.MachineLearning);
        location.MapGet("/vmSizes", ListSizes).WithOperation("VirtualMachineSizes_List");
        location.MapGet("/usages", ListUsages).WithOperation("Usages_List");
    }

    private static ArmReply ListSizes(ArmRequest request) => List(Machines.Select(machine => new JsonObject
    {
        ["name"] = machine.Name,
        ["family"] = machine.Family,
        ["vCPUs"] = machine.Cores,
        ["gpus"] = machine.Gpus,
        ["memoryGB"] = machine.Memory,
        ["lowPriorityCapable"] = true,
        ["premiumIO"] = true,
        ["supportedComputeTypes"] = new JsonArray("AmlCompute", "ComputeInstance", "MIR"),
    }));

    // As in the official example, each family has three entries: the usage in the workspace, the usage in the subscription, and the usage of low-priority machines, which have no limit.
    private static ArmReply ListUsages(ArmRequest request, ResourceStore store, ArmScope scope, IOptions<SimulatorOptions> options) => List(Machines.SelectMany(machine =>
    {
        var subscription = $"/subscriptions/{scope.Subscription}";
        var used = DeploymentQuota.CountInstances(store, scope, machine.Name) * machine.Cores;
        var limit = options.Value.InstanceQuota * machine.Cores;
        return new[]
        {
            Usage(scope.Workspace, "workspaces", machine.Quota, used, limit),
            Usage(subscription, "vmFamily", machine.Quota, used, limit),
            Usage(subscription, "vmFamily", machine.Quota.Replace("Dedicated", "LowPriority", StringComparison.Ordinal), 0, -1),
        };
    }));

    private static JsonObject Usage(string scope, string kind, string quota, int used, int limit) => new()
    {
        ["id"] = $"{scope}/usages/{quota.Replace(' ', '_')}",
        ["type"] = $"Microsoft.MachineLearningServices/{kind}/usages",
        ["unit"] = "Count",
        ["currentValue"] = used,
        ["limit"] = limit,
        ["name"] = new JsonObject { ["value"] = quota, ["localizedValue"] = quota },
    };

    private static ArmReply List(IEnumerable<JsonObject> items) => ArmReply.Ok(new JsonObject { ["value"] = new JsonArray([.. items]) });

    private sealed record Machine(string Name, string Family, string Quota, int Cores, int Gpus, int Memory);
}
