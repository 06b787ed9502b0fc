using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.DataFactory;

/// <summary>The <c>orderBy</c> member of <c>queryPipelineRuns</c>.</summary>
internal static class RunOrder
{
    private static readonly Dictionary<string, string> Fields = new(StringComparer.OrdinalIgnoreCase)
    {
        ["PipelineName"] = "pipelineName",
        ["RunStart"] = "runStart",
        ["RunEnd"] = "runEnd",
        ["Status"] = "status",
    };

    /// <summary>The runs in the requested order. Runs with equal values keep their order.</summary>
    /// <exception cref="ArmRefusal">A field or direction is unknown.</exception>
    public static IEnumerable<JsonObject> Apply(JsonObject query, IEnumerable<JsonObject> runs)
    {
        var ordered = runs;

        // The sort is stable, so the most significant field is applied last.
        foreach (var order in (query.At("orderBy") as JsonArray ?? []).Reverse())
        {
            ordered = Sort(ordered, order);
        }

        return ordered;
    }

    private static IEnumerable<JsonObject> Sort(IEnumerable<JsonObject> runs, JsonNode? order)
    {
        var field = order.Text("orderBy") ?? "";
        if (!Fields.TryGetValue(field, out var member))
        {
            throw ArmRefusal.BadContent($"The orderBy field '{field}' is unknown; expected one of: {string.Join(", ", Fields.Keys)}.", "orderBy");
        }

        return order.Text("order")?.ToUpperInvariant() switch
        {
            "ASC" => runs.OrderBy(run => run.Text(member), StringComparer.Ordinal),
            "DESC" => runs.OrderByDescending(run => run.Text(member), StringComparer.Ordinal),
            var direction => throw ArmRefusal.BadContent($"The order is '{direction}'; expected one of: ASC, DESC.", "orderBy"),
        };
    }
}
