using System.Diagnostics.CodeAnalysis;

namespace MLEvents.Events;

/// <summary>An Azure Machine Learning workspace, read from the ARM id in an event's source.</summary>
/// <param name="SubscriptionId">The Azure subscription.</param>
/// <param name="ResourceGroup">The resource group.</param>
/// <param name="Name">The workspace's name.</param>
public sealed record Workspace(string SubscriptionId, string ResourceGroup, string Name)
{
    private const string Provider = "Microsoft.MachineLearningServices";

    /// <summary>The ARM id, in the usual casing.</summary>
    public string ArmId => $"/subscriptions/{SubscriptionId}/resourceGroups/{ResourceGroup}/providers/{Provider}/workspaces/{Name}";

    /// <summary>Reads an ARM id; segment names ignore case, as everywhere in ARM.</summary>
    /// <param name="armId">The id of a workspace, or of a resource within one.</param>
    /// <param name="workspace">The workspace, when the id names one.</param>
    public static bool TryParse(string? armId, [NotNullWhen(true)] out Workspace? workspace)
    {
        workspace = armId?.Split('/') is ["", var subscriptions, var subscription, var groups, var group, var providers, var provider, var workspaces, var name, ..]
            && Is(subscriptions, "subscriptions") && Is(groups, "resourceGroups") && Is(providers, "providers") && Is(provider, Provider) && Is(workspaces, "workspaces")
            && subscription.Length > 0 && group.Length > 0 && name.Length > 0
            ? new Workspace(subscription, group, name)
            : null;
        return workspace is not null;
    }

    private static bool Is(string segment, string expected) => segment.Equals(expected, StringComparison.OrdinalIgnoreCase);
}
