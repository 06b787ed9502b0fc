namespace MLEvents.Dashboard.History;

/// <summary>Reads the activity of rules.</summary>
internal sealed class RuleQueries(HistoryDatabase database)
{
    /// <summary>The largest number of actions that are compared to find overlaps. The latest actions are compared.</summary>
    public const int MaxCompared = 5_000;

    private const int MaxOverlaps = 50;

    /// <summary>The numbers of actions of each rule of a service since a time, which is rounded down to the full hour.</summary>
    public async Task<IReadOnlyList<RuleHits>> HitsAsync(string service, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        var hour = since.UtcTicks / TimeSpan.TicksPerHour;
        return await connection.QueryAsync(
            $"""
             SELECT "Rule", CAST(SUM("Count") AS BIGINT) AS "Actions", CAST(SUM(CASE WHEN "Outcome" = 'failed' THEN "Count" ELSE 0 END) AS BIGINT) AS "Failed",
             (SELECT MAX("UpdatedAt") FROM "Actions" WHERE "Actions"."Service" = {service} AND "Actions"."Rule" = "ActionHours"."Rule") AS "LatestTicks"
             FROM "ActionHours" WHERE "Service" = {service} AND "Hour" >= {hour} AND "Outcome" <> 'held-back' GROUP BY "Rule" HAVING SUM("Count") > 0
             """,
            row => new RuleHits(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)),
            cancellationToken);
    }

    /// <summary>Pairs of rules of a service that acted on the same events since a time, the pairs with the most events first.</summary>
    public async Task<IReadOnlyList<RuleOverlap>> OverlapsAsync(string service, DateTimeOffset since, CancellationToken cancellationToken)
    {
        // The concatenations prevent SQLite from using the index of service and rule. With it, SQLite would read all actions of the service for each event.
        await using var connection = database.Open();
        return await connection.QueryAsync(
            $"""
             SELECT one."Rule" AS "One", other."Rule" AS "Other", COUNT(DISTINCT one."EventKey") AS "Events"
             FROM (SELECT "Rule", "EventKey" FROM "Actions" WHERE "Service" || '' = {service} AND "UpdatedAt" >= {since.UtcTicks} ORDER BY "UpdatedAt" DESC LIMIT {MaxCompared}) AS one
             JOIN "Actions" AS other ON other."EventKey" = one."EventKey" AND other."Service" || '' = {service} AND other."Rule" || '' > one."Rule"
             GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT {MaxOverlaps}
             """,
            row => new RuleOverlap(row.GetString(0), row.GetString(1), row.GetInt64(2)),
            cancellationToken);
    }

    /// <summary>The changes in which a limit, an approval or a refused credential held actions back, the earliest first.</summary>
    public async Task<IReadOnlyList<StoredChange>> FindHeldBackChangesAsync(IReadOnlyList<string> actionIds, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        return await connection.ReadChangesAsync($"""WHERE {connection.AnyOf("ActionId", actionIds)} AND "Status" = 'waiting' ORDER BY "Time" """, cancellationToken);
    }
}

/// <summary>The numbers of actions of a rule.</summary>
internal sealed record RuleHits(string Rule, long Actions, long Failed, long LatestTicks)
{
    /// <summary>The time of the latest change of its actions.</summary>
    public DateTimeOffset LatestAt => new(LatestTicks, TimeSpan.Zero);
}

/// <summary>Two rules that acted on the same events.</summary>
internal sealed record RuleOverlap(string One, string Other, long Events);
