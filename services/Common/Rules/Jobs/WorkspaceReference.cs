using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLEvents.Rules.Jobs;

/// <summary>
/// Marks ids of resources that are in the workspace of a job or deployment, in the properties of this job or deployment. The workspace is not known when a rule file is read,
/// because it can be the workspace of the event.
/// </summary>
internal static class WorkspaceReference
{
    // No value of a job begins with this character, because Azure rejects control characters.
    private const char Mark = '\0';

    /// <summary>A reference to a resource.</summary>
    /// <param name="path">The resource's path in the workspace, for instance <c>/computes/cpu-cluster</c>.</param>
    public static string To(string path) => Mark + path;

    /// <summary>The ARM id that a value refers to; the value itself if it is not a reference.</summary>
    public static string Resolve(string text, string workspaceId) => text.StartsWith(Mark) ? workspaceId + text[1..] : text;

    /// <summary>Replaces all references in the properties of a job or deployment by ARM ids.</summary>
    public static void ResolveAll(JsonNode? node, string workspaceId)
    {
        if (node is JsonObject members)
        {
            foreach (var (name, value) in members.ToList())
            {
                Replace(value, workspaceId, resolved => members[name] = resolved);
            }
        }
        else if (node is JsonArray items)
        {
            for (var index = 0; index < items.Count; index++)
            {
                Replace(items[index], workspaceId, resolved => items[index] = resolved);
            }
        }
    }

    private static void Replace(JsonNode? value, string workspaceId, Action<string> replace)
    {
        if (value is not JsonValue text || text.GetValueKind() != JsonValueKind.String)
        {
            ResolveAll(value, workspaceId);
        }
        else if (text.GetValue<string>() is ['\0', ..] reference)
        {
            replace(Resolve(reference, workspaceId));
        }
    }
}
