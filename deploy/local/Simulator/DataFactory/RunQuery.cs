using System.Globalization;
using System.Text.Json.Nodes;
using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.DataFactory;

/// <summary>The filter of <c>queryPipelineRuns</c>: a time window of the last update, and filters that must all match.</summary>
internal sealed class RunQuery
{
    private static readonly Dictionary<string, string> Operands = new(StringComparer.OrdinalIgnoreCase)
    {
        ["PipelineName"] = "pipelineName",
        ["Status"] = "status",
        ["RunStart"] = "runStart",
        ["RunEnd"] = "runEnd",
        ["RunGroupId"] = "runGroupId",
    };

    private readonly List<Func<JsonObject, bool>> _conditions = [];

    /// <summary>Whether a run matches the query.</summary>
    public bool Matches(JsonObject run) => _conditions.TrueForAll(condition => condition(run));

    /// <summary>Parses a query.</summary>
    /// <exception cref="ArmRefusal">A member is missing or unknown.</exception>
    public static RunQuery Read(JsonObject body)
    {
        var (after, before) = (Moment(body.Text("lastUpdatedAfter"), "lastUpdatedAfter"), Moment(body.Text("lastUpdatedBefore"), "lastUpdatedBefore"));
        var query = new RunQuery();
        query._conditions.Add(run => Moment(run.Text("lastUpdated"), "lastUpdated") is var updated && updated >= after && updated <= before);
        foreach (var filter in body.At("filters") as JsonArray ?? [])
        {
            query._conditions.Add(Condition(filter));
        }

        return query;
    }

    private static Func<JsonObject, bool> Condition(JsonNode? filter)
    {
        var operand = filter.Text("operand") ?? "";
        if (!Operands.TryGetValue(operand, out var member))
        {
            throw ArmRefusal.BadContent($"The operand '{operand}' is not supported by the simulator. Supported: {string.Join(", ", Operands.Keys)}.", "filters");
        }

        var values = (filter.At("values") as JsonArray ?? []).Select(value => value?.ToString() ?? "").ToList();
        return filter.Text("operator") switch
        {
            "Equals" or "In" => run => values.Contains(run.Text(member) ?? ""),
            "NotEquals" or "NotIn" => run => !values.Contains(run.Text(member) ?? ""),
            "GreaterThan" => run => Compare(run, member, values) > 0,
            "LessThan" => run => Compare(run, member, values) < 0,
            var other => throw ArmRefusal.BadContent($"The operator '{other}' is not supported by the simulator.", "filters"),
        };
    }

    private static int Compare(JsonObject run, string member, List<string> values) =>
        run.Text(member) is { } text ? Moment(text, member).CompareTo(Moment(values.FirstOrDefault(), member)) : 0;

    private static DateTimeOffset Moment(string? text, string name) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? moment
            : throw ArmRefusal.BadContent($"'{name}' must be a date and time.", name);
}
