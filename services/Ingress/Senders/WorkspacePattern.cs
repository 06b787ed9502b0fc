using System.IO.Enumeration;

using MLEvents.Events;

namespace MLEvents.Ingress.Senders;

/// <summary>
/// An entry of <c>Ingress:Workspaces</c> or of a sender's <c>Workspaces</c>: the ARM id of a workspace, in which <c>*</c> stands for any text within a name.
/// </summary>
internal sealed class WorkspacePattern
{
    private readonly Workspace _names;

    private WorkspacePattern(Workspace names) => _names = names;

    /// <summary>Reads an entry; null if it is not a workspace's ARM id.</summary>
    public static WorkspacePattern? Parse(string text)
    {
        if (!Workspace.TryParse(text.Replace('*', 'x'), out _) || text.TrimEnd('/').Split('/') is not ["", _, var subscription, _, var group, _, _, _, var name])
        {
            return null;
        }

        return new WorkspacePattern(new Workspace(subscription, group, name));
    }

    /// <summary>Whether events of a source are accepted. An empty list accepts all.</summary>
    public static bool AllowSource(IList<string> patterns, string source) =>
        patterns.Count == 0 || (Workspace.TryParse(source, out var workspace) && patterns.Any(pattern => Parse(pattern)?.Includes(workspace) == true));

    /// <summary>Whether an event subscription of a topic may be validated. Event Grid names the Azure subscription or a resource in it as the topic. The resource need not be a workspace.</summary>
    public static bool AllowTopic(IList<string> patterns, string topic) =>
        patterns.Count == 0
        || (Workspace.TryParse(topic, out _)
            ? AllowSource(patterns, topic)
            : topic.Split('/') is ["", _, var subscription, ..] && patterns.Any(pattern => Parse(pattern) is { } parsed && Matches(parsed._names.SubscriptionId, subscription)));

    private bool Includes(Workspace workspace) =>
        Matches(_names.SubscriptionId, workspace.SubscriptionId) && Matches(_names.ResourceGroup, workspace.ResourceGroup) && Matches(_names.Name, workspace.Name);

    private static bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: true);
}
