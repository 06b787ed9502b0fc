using System.Globalization;
using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Resilience;

namespace MLEvents.AzureML.Quotas;

/// <summary>Sizes of machines and quotas over Azure Resource Manager.</summary>
internal sealed class ArmMachineQuotas(ArmConnection arm, [FromKeyedServices(AzureDependency.Arm)] AzureDependency azure) : IMachineQuotas
{
    // The end of a quota's name that counts the cores of dedicated machines: "Standard DSv2 Family Cluster Dedicated vCPUs".
    private const string DedicatedCores = "clusterdedicatedvcpus";

    public async Task<IReadOnlyList<MachineSize>> ListSizesAsync(ResourceIdentifier workspace, string location, CancellationToken cancellationToken)
    {
        var sizes = await ListAsync("VirtualMachineSizes_List", workspace, location, "/vmSizes", cancellationToken);
        return [.. sizes.Select(size => new MachineSize(size.Text("name") ?? "", size.Text("family") ?? "", (int)Number(size, "vCPUs"))).Where(size => size.Name.Length > 0)];
    }

    public async Task<CoreUsage?> FindUsageAsync(ResourceIdentifier workspace, string location, string family, CancellationToken cancellationToken)
    {
        var usages = await ListAsync("Usages_List", workspace, location, "/usages", cancellationToken);
        var wanted = Letters(family);
        return usages.Where(usage => Letters(usage.Object("name").Text("value")) is var name && wanted.Length > 0 && (name == wanted || name == wanted + DedicatedCores))
            .Select(usage => new CoreUsage(usage.Object("name").Text("localizedValue") ?? family, Number(usage, "currentValue"), Number(usage, "limit")))
            .FirstOrDefault();
    }

    private Task<IReadOnlyList<JsonObject>> ListAsync(string operation, ResourceIdentifier workspace, string location, string list, CancellationToken cancellationToken) =>
        azure.ReadListAsync(arm, operation, ArmPath.ForLocation(ArmIds.ForWorkspace(workspace), location, ArmConnection.MachineLearningVersion, list), cancellationToken);

    private static string Letters(string? text) => string.Concat((text ?? "").Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    private static long Number(JsonObject item, string name) => long.TryParse(item.Text(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
