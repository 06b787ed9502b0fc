using System.Globalization;
using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.DataFactory;

/// <summary>The filter of <c>queryPipelineRuns</c> and <c>queryActivityruns</c>: a time window for the last update of a run, and filters that must all match.</summary>
internal sealed class RunQuery
{
    private static readonly Dictionary<string, string[]> Operands = new(StringComparer.OrdinalIgnoreCase)
    {
        ["PipelineName"] = ["pipelineName"],
        ["Status"] = ["status"],
        ["RunStart"] = ["runStart"],
        ["RunEnd"] = ["runEnd"],
        ["RunGroupId"] = ["runGroupId"],
        ["TriggerName"] = ["invokedBy", "name"],
        ["ActivityName"] = ["activityName"],
        ["ActivityType"] = ["activityType"],
        ["ActivityRunStart"] = ["activityRunStart"],
        ["ActivityRunEnd"] = ["activityRunEnd"],
    };

    private static readonly string[] Times = ["RunStart", "RunEnd", "ActivityRunStart", "ActivityRunEnd"];

    private const string LatestOnly = "LatestOnly";

    private readonly List<Func<JsonObject, bool>> _conditions = [];

    /// <summary>Whether a run matches the query.</summary>
    public bool Matches(JsonObject run) => _conditions.TrueForAll(condition => condition(run));

    /// <summary>Parses a query.</summary>
    /// <exception cref="ArmRefusal">A time is missing or invalid, or an operand or operator is unknown.</exception>
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
        var values = (filter.At("values") as JsonArray ?? []).Select(value => value?.ToString() ?? "").ToList();
        var operand = filter.Text("operand") ?? "";
        if (operand.Equals(LatestOnly, StringComparison.OrdinalIgnoreCase))
        {
            return run => !values.Contains("true", StringComparer.OrdinalIgnoreCase) || run.At("isLatest")?.GetValue<bool>() == true;
        }

        return Operands.TryGetValue(operand, out var member)
            ? Comparison(operand, filter.Text("operator"), member, values)
            : throw ArmRefusal.BadContent($"The operand '{operand}' is unknown; expected one of: {string.Join(", ", [.. Operands.Keys, LatestOnly])}.", "filters");
    }

    private static Func<JsonObject, bool> Comparison(string operand, string? name, string[] member, List<string> values) =>
        name switch
        {
            "Equals" or "In" => run => values.Contains(run.Text(member) ?? ""),
            "NotEquals" or "NotIn" => run => !values.Contains(run.Text(member) ?? ""),
            "GreaterThan" or "LessThan" when !Times.Contains(operand, StringComparer.OrdinalIgnoreCase) =>
                throw ArmRefusal.BadContent($"The operator '{name}' compares times, and the operand '{operand}' is not a time; use the operator with one of: {string.Join(", ", Times)}.", "filters"),
            "GreaterThan" => TimeComparison(member, values, sign => sign > 0),
            "LessThan" => TimeComparison(member, values, sign => sign < 0),
            _ => throw ArmRefusal.BadContent($"The operator '{name}' is unknown; expected one of: Equals, NotEquals, In, NotIn, GreaterThan, LessThan.", "filters"),
        };

    // The time of the filter is parsed before the comparison with a run, so that an invalid time is refused even if there are no runs.
    private static Func<JsonObject, bool> TimeComparison(string[] member, List<string> values, Func<int, bool> accepts)
    {
        var limit = Moment(values.FirstOrDefault(), member[^1]);
        return run => run.Text(member) is { } text && accepts(Moment(text, member[^1]).CompareTo(limit));
    }

    private static DateTimeOffset Moment(string? text, string name) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? moment
            : throw ArmRefusal.BadContent($"'{name}' must be a date and time.", name);
}
