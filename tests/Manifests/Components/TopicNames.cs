using System.Reflection;

using MLEvents.Events;

namespace MLEvents.Manifests.Components;

/// <summary>The names of the topics in <see cref="Topics"/>.</summary>
internal static class TopicNames
{
    public static IReadOnlyList<string> All { get; } =
    [
        .. typeof(Topics).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.IsLiteral && field.Name != nameof(Topics.PubSub))
            .Select(field => (string?)field.GetRawConstantValue() ?? ""),
    ];

    /// <summary>Reads the topics of each app from a metadata item of the form <c>app=topic,topic;app=</c>.</summary>
    public static Dictionary<string, string[]> Scopes(ComponentFile pubSub, string item) => pubSub.Value(item).Split(';')
        .Select(entry => entry.Split('='))
        .ToDictionary(entry => entry[0], entry => entry[1].Split(',', StringSplitOptions.RemoveEmptyEntries));
}
