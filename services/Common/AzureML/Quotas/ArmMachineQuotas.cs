using System.Globalization;
using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Resilience;

namespace MLEvents.AzureML.Quotas;

/// <summary>Machine sizes and quotas over Azure Resource Manager.</summary>
internal sealed class ArmMachineQuotas(ArmConnection arm, [FromKeyedServices(AzureDependency.Arm)] AzureDependency azure) : IMachineQuotas
{
    // The list also has entries with the same name for a workspace and for each of its clusters. Only entries of this type are the subscription's quota.
    // https://github.com/Azure/azure-rest-api-specs/blob/a2477acc57d8c4afc76001a248045c997afed975/specification/machinelearningservices/resource-manager/Microsoft.MachineLearningServices/stable/2024-04-01/examples/Usage/list.json
    private const string FamilyType = "Microsoft.MachineLearningServices/vmFamily/usages";

    // The suffix of the name of a quota for the cores of dedicated machines: "Standard DSv2 Family Cluster Dedicated vCPUs".
    private const string DedicatedCores = "clusterdedicatedvcpus";

    public async Task<IReadOnlyList<MachineSize>> ListSizesAsync(ResourceIdentifier workspace, string location, CancellationToken cancellationToken)
    {
        var sizes = await ListAsync("VirtualMachineSizes_List", workspace, location, "/vmSizes", cancellationToken);
        return [.. sizes.Select(size => new MachineSize(size.Text("name") ?? "", size.Text("family") ?? "", (int)(Number(size, "vCPUs") ?? 0))).Where(size => size.Name.Length > 0)];
    }

    public async Task<CoreUsage?> FindUsageAsync(ResourceIdentifier workspace, string location, string family, CancellationToken cancellationToken)
    {
        var usages = await ListAsync("Usages_List", workspace, location, "/usages", cancellationToken);
        var wanted = LettersAndDigits(family);
        return usages.Where(usage => FamilyType.Equals(usage.Text("type"), StringComparison.OrdinalIgnoreCase))
            .Where(usage => LettersAndDigits(usage.Object("name").Text("value")) is var name && wanted.Length > 0 && (name == wanted || name == wanted + DedicatedCores))
            .Select(usage => ToUsage(usage, family))
            .FirstOrDefault(usage => usage is not null);
    }

    private Task<IReadOnlyList<JsonObject>> ListAsync(string operation, ResourceIdentifier workspace, string location, string list, CancellationToken cancellationToken) =>
        azure.ReadListAsync(arm, operation, ArmPath.ForLocation(ArmIds.ForWorkspace(workspace), location, ArmConnection.MachineLearningVersion, list), cancellationToken);

    // A limit of -1 means that there is no limit.
    private static CoreUsage? ToUsage(JsonObject usage, string family) => (Number(usage, "currentValue"), Number(usage, "limit")) is ({ } used, { } limit and >= 0)
        ? new(usage.Object("name").Text("localizedValue") ?? family, used, limit)
        : null;

    private static string LettersAndDigits(string? text) => string.Concat((text ?? "").Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    private static long? Number(JsonObject item, string name) => long.TryParse(item.Text(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;
}
