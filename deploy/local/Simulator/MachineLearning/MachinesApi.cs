using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>The sizes of machines of a region, and the quotas of their families, which count what online deployments use.</summary>
internal static class MachinesApi
{
    // One size of each family, so that the quota of a family is that of its size.
    private static readonly Machine[] Machines =
    [
        new("Standard_DS3_v2", "standardDSv2Family", "Standard DSv2 Family Cluster Dedicated vCPUs", 4, 14),
        new("Standard_F4s_v2", "standardFSv2Family", "Standard FSv2 Family Cluster Dedicated vCPUs", 4, 8),
        new("Standard_E4s_v3", "standardESv3Family", "Standard ESv3 Family Cluster Dedicated vCPUs", 4, 32),
        new("Standard_NC6s_v3", "standardNCSv3Family", "Standard NCSv3 Family Cluster Dedicated vCPUs", 6, 112),
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
        ["gpus"] = 0,
        ["memoryGB"] = machine.Memory,
        ["lowPriorityCapable"] = true,
        ["premiumIO"] = true,
        ["supportedComputeTypes"] = new JsonArray("AmlCompute", "ComputeInstance"),
    }));

    private static ArmReply ListUsages(ArmRequest request, ResourceStore store, ArmScope scope, IOptions<SimulatorOptions> options) => List(Machines.Select(machine => new JsonObject
    {
        ["id"] = $"/subscriptions/{scope.Subscription}/providers/Microsoft.MachineLearningServices/locations/{request["region"]}/usages/{machine.Family}",
        ["type"] = "Microsoft.MachineLearningServices/usages",
        ["unit"] = "Count",
        ["currentValue"] = DeploymentQuota.CountInstances(store, scope, machine.Name) * machine.Cores,
        ["limit"] = options.Value.InstanceQuota * machine.Cores,
        ["name"] = new JsonObject { ["value"] = machine.Family, ["localizedValue"] = machine.Quota },
    }));

    private static ArmReply List(IEnumerable<JsonObject> items) => ArmReply.Ok(new JsonObject { ["value"] = new JsonArray([.. items]) });

    private sealed record Machine(string Name, string Family, string Quota, int Cores, int Memory);
}
