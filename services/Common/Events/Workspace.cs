using System.Diagnostics.CodeAnalysis;

namespace MLEvents.Events;

/// <summary>An Azure Machine Learning workspace, read from the ARM id in an event's source.</summary>
/// <param name="SubscriptionId">The Azure subscription.</param>
/// <param name="ResourceGroup">The resource group.</param>
/// <param name="Name">The workspace's name.</param>
public sealed record Workspace(string SubscriptionId, string ResourceGroup, string Name)
{
    private const string Provider = "Microsoft.MachineLearningServices";
    private const int MaxSegment = 260;

    /// <summary>The ARM id, in the usual casing.</summary>
    public string ArmId => $"/subscriptions/{SubscriptionId}/resourceGroups/{ResourceGroup}/providers/{Provider}/workspaces/{Name}";

    /// <summary>Reads an ARM id that must name a workspace, in the same way as <see cref="TryParse"/>.</summary>
    /// <exception cref="FormatException">The id does not name a workspace.</exception>
    public static Workspace Parse(string armId) => TryParse(armId, out var workspace) ? workspace : throw new FormatException($"'{armId}' is not the ARM id of a workspace.");

    /// <summary>Reads an ARM id; segment names are case-insensitive, as everywhere in ARM.</summary>
    /// <param name="armId">The id of a workspace, or of a resource within one. A trailing slash is ignored.</param>
    /// <param name="workspace">The workspace, when the id names one.</param>
    /// <returns>False if the id names no workspace, or if a segment contains a character that ARM names cannot contain, for instance <c>\</c>, <c>?</c>, <c>#</c> or <c>%</c>, or is a dot segment.</returns>
    public static bool TryParse(string? armId, [NotNullWhen(true)] out Workspace? workspace) =>
        TryReadNames(armId is not null && armId.TrimEnd('/').Split('/').Skip(1).All(IsSegment) ? armId : null, out workspace);

    /// <summary>Reads the names of a workspace for people, whatever characters they contain. Do not build an address from them: use <see cref="TryParse"/> for that.</summary>
    /// <param name="armId">The id of a workspace, or of a resource within one. A trailing slash is ignored.</param>
    /// <param name="workspace">The names, if the id has the form of a workspace id.</param>
    public static bool TryReadNames([NotNullWhen(true)] string? armId, [NotNullWhen(true)] out Workspace? workspace)
    {
        string[] segments = armId?.TrimEnd('/').Split('/') ?? [];
        workspace = segments is ["", var subscriptions, var subscription, var groups, var group, var providers, var provider, var workspaces, var name, ..]
            && Is(subscriptions, "subscriptions") && Is(groups, "resourceGroups") && Is(providers, "providers") && Is(provider, Provider) && Is(workspaces, "workspaces")
            ? new Workspace(subscription, group, name)
            : null;
        return workspace is not null;
    }

    private static bool Is(string segment, string expected) => segment.Equals(expected, StringComparison.OrdinalIgnoreCase);

    // Names may contain letters and digits of any script, as the names of resource groups do, and only these other characters.
    private static bool IsSegment(string segment) =>
        segment.Length is > 0 and <= MaxSegment && segment is not ("." or "..") && segment.All(character => char.IsLetterOrDigit(character) || character is '-' or '_' or '.' or '(' or ')' or ':');
}
