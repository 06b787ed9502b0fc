using System.Data.Common;

using Microsoft.Extensions.Options;

namespace MLEvents.Dashboard.History;

/// <summary>
/// Deletes entries that are older than the retention. Events and actions are deleted in small transactions, so that writes can continue. Actions that have not
/// ended are kept.
/// </summary>
internal sealed partial class HistoryRetention(HistoryDatabase database, IOptions<HistoryOptions> options, TimeProvider time, ILogger<HistoryRetention> logger) : BackgroundService
{
    private const int ChunkSize = 500;

    /// <summary>Deletes the entries that are older than the retention.</summary>
    /// <returns>The number of deleted entries, without the changes of the deleted actions.</returns>
    public async Task<int> DeleteAsync(CancellationToken cancellationToken)
    {
        var before = (time.GetUtcNow() - options.Value.Retention).UtcTicks;
        await using var connection = database.Open();
        await DeleteEmptyHoursAsync(connection, before, cancellationToken);
        return await DeleteEventsAsync(connection, before, cancellationToken)
            + await DeleteActionsAsync(connection, before, cancellationToken)
            + await DeleteRulesAsync(connection, before, cancellationToken)
            + await connection.ExecuteAsync($"""DELETE FROM "Questions" WHERE "AskedAt" < {before} AND "ExpiresAt" < {before}""", cancellationToken)
            + await connection.ExecuteAsync($"""DELETE FROM "Decisions" WHERE "At" < {before}""", cancellationToken)
            + await connection.ExecuteAsync($"""DELETE FROM "BulkItems" WHERE "RunId" IN (SELECT "Id" FROM "BulkRuns" WHERE "At" < {before})""", cancellationToken)
            + await connection.ExecuteAsync($"""DELETE FROM "BulkRuns" WHERE "At" < {before}""", cancellationToken)
            + await connection.ExecuteAsync($"""DELETE FROM "Audit" WHERE "At" < {before}""", cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.Ready.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(options.Value.RetentionInterval, time);
        do
        {
            try
            {
                if (await DeleteAsync(stoppingToken) is > 0 and var deleted)
                {
                    LogDeleted(deleted, options.Value.Retention);
                }
            }
            catch (Exception exception) when (exception is DbException or IOException or TimeoutException or InvalidOperationException)
            {
                LogFailed(options.Value.RetentionInterval, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static async Task<int> DeleteEventsAsync(HistoryConnection connection, long before, CancellationToken cancellationToken)
    {
        // The events are read in the order of arrival, so that no index on the arrival time is needed.
        for (var deleted = 0; ; deleted += ChunkSize)
        {
            var oldest = await connection.QueryAsync(
                $"""SELECT "Seq", "ReceivedAt" FROM "Events" ORDER BY "Seq" LIMIT {ChunkSize}""", row => (Seq: row.GetInt64(0), ReceivedAt: row.GetInt64(1)), cancellationToken);
            var old = oldest.TakeWhile(stored => stored.ReceivedAt < before).Select(stored => stored.Seq).ToList();
            if (old.Count > 0)
            {
                await connection.DeleteEventsAsync(old, cancellationToken);
            }

            if (old.Count < ChunkSize)
            {
                return deleted + old.Count;
            }
        }
    }

    private static async Task<int> DeleteActionsAsync(HistoryConnection connection, long before, CancellationToken cancellationToken)
    {
        for (var deleted = 0; ; deleted += ChunkSize)
        {
            var old = await connection.QueryAsync(
                $"""SELECT "Id" FROM "Actions" WHERE "UpdatedAt" < {before} AND "Status" IN ('succeeded', 'failed', 'skipped') ORDER BY "UpdatedAt" LIMIT {ChunkSize}""",
                row => row.GetString(0),
                cancellationToken);
            if (old.Count > 0)
            {
                await connection.ExecuteAsync($"""DELETE FROM "Changes" WHERE {connection.AnyOf("ActionId", old)}""", cancellationToken);
                await connection.ExecuteAsync($"""DELETE FROM "Actions" WHERE {connection.AnyOf("Id", old)}""", cancellationToken);
            }

            if (old.Count < ChunkSize)
            {
                return deleted + old.Count;
            }
        }
    }

    // A version of the rules is in force until the next version is loaded. It is deleted only if the load of the next version is also older than the retention.
    private static async Task<int> DeleteRulesAsync(HistoryConnection connection, long before, CancellationToken cancellationToken)
    {
        var deleted = await connection.ExecuteAsync(
            $"""
             DELETE FROM "RuleLoads" WHERE "At" < {before} AND EXISTS (
                 SELECT 1 FROM "RuleLoads" AS "Next" WHERE "Next"."Service" = "RuleLoads"."Service" AND "Next"."At" > "RuleLoads"."At" AND "Next"."At" < {before})
             """,
            cancellationToken);
        return deleted + await connection.ExecuteAsync(
            $"""
             DELETE FROM "RuleFiles" WHERE NOT EXISTS (
                 SELECT 1 FROM "RuleLoads" WHERE "RuleLoads"."Service" = "RuleFiles"."Service" AND "RuleLoads"."Version" = "RuleFiles"."Version")
             """,
            cancellationToken);
    }

    // Triggers decrease the count of an hour when its entries are deleted or change. The rows with the count 0 remain until they are deleted here.
    private static async Task DeleteEmptyHoursAsync(HistoryConnection connection, long before, CancellationToken cancellationToken)
    {
        var hour = before / TimeSpan.TicksPerHour;
        await connection.ExecuteAsync($"""DELETE FROM "EventHours" WHERE "Hour" < {hour} AND "Count" <= 0""", cancellationToken);
        await connection.ExecuteAsync($"""DELETE FROM "ActionHours" WHERE "Hour" < {hour} AND "Count" <= 0""", cancellationToken);
    }

    [LoggerMessage(1, LogLevel.Information, "Deleted {Count} entries that are older than {Retention}")]
    private partial void LogDeleted(int count, TimeSpan retention);

    [LoggerMessage(2, LogLevel.Warning, "Entries that are older than the retention could not be deleted; next attempt in {Interval}")]
    private partial void LogFailed(TimeSpan interval, Exception exception);
}
