using System.Text.Json.Nodes;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>The <c>tags</c> filter of lists: <c>key=value</c> or <c>key</c>, separated by commas; all must hold.</summary>
internal static class TagQuery
{
    /// <summary>Whether tags answer a query; an absent query matches all.</summary>
    public static bool Matches(JsonNode? tags, string? query) =>
        query is null || query.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).All(part => Holds(tags, part));

    private static bool Holds(JsonNode? tags, string part)
    {
        var (key, value) = part.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (part[..at], part[(at + 1)..]) : (part, null);
        return tags is JsonObject all && all.ContainsKey(key) && (value is null || all.Text(key) == value);
    }
}
