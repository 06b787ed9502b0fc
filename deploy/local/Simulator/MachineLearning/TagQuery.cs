using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>The filter <c>tags</c> of lists: parts of the form <c>key=value</c> or <c>key</c>, separated by commas. All parts must match.</summary>
internal static class TagQuery
{
    /// <summary>Whether tags match a query. A missing query matches all.</summary>
    public static bool Matches(JsonNode? tags, string? query) =>
        query is null || query.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).All(part => HasTag(tags, part));

    private static bool HasTag(JsonNode? tags, string part)
    {
        var (key, value) = part.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (part[..at], part[(at + 1)..]) : (part, null);
        return tags is JsonObject all && all.ContainsKey(key) && (value is null || all.Text(key) == value);
    }
}
