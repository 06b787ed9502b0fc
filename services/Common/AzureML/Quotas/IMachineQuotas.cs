using Azure.Core;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Quotas;

/// <summary>The machines that Azure Machine Learning offers in a region, and how many of their cores the subscription may use (<c>VirtualMachineSizes_List</c>, <c>Usages_List</c>).</summary>
public interface IMachineQuotas
{
    /// <summary>Reads the machine sizes of a region; empty if Azure has no list of them.</summary>
    /// <param name="workspace">The ARM id of a workspace of the subscription.</param>
    /// <param name="location">The region, for instance <c>westeurope</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="AzureException">Azure refused the call or was not reachable. The call needs a role on the subscription, not on the workspace.</exception>
    Task<IReadOnlyList<MachineSize>> ListSizesAsync(ResourceIdentifier workspace, string location, CancellationToken cancellationToken);

    /// <summary>Reads how many cores of a machine family are used; <see langword="null"/> if Azure does not list the family, or lists it without a limit.</summary>
    /// <param name="workspace">The ARM id of a workspace of the subscription.</param>
    /// <param name="location">The region.</param>
    /// <param name="family">The family, from <see cref="MachineSize.Family"/>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task<CoreUsage?> FindUsageAsync(ResourceIdentifier workspace, string location, string family, CancellationToken cancellationToken);
}

/// <summary>A machine size.</summary>
/// <param name="Name">The name, for instance <c>Standard_DS3_v2</c>.</param>
/// <param name="Family">The family whose quota machines of this size use, for instance <c>standardDSv2Family</c>.</param>
/// <param name="Cores">The cores of a machine; 0 if Azure does not report them.</param>
public sealed record MachineSize(string Name, string Family, int Cores);

/// <summary>The quota of a machine family in a region.</summary>
/// <param name="Name">The quota's name, as the studio shows it.</param>
/// <param name="Used">The number of used cores.</param>
/// <param name="Limit">The number of cores that may be used.</param>
public sealed record CoreUsage(string Name, long Used, long Limit);
