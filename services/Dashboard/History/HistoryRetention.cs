using System.Data.Common;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace MLEvents.Dashboard.History;

/// <summary>Deletes entries that are older than the retention, in small transactions so that writes can continue. Actions that have not ended are kept.</summary>
internal sealed partial class HistoryRetention(HistoryDatabase database, IOptions<HistoryOptions> options, TimeProvider time, ILogger<HistoryRetention> logger) : BackgroundService
{
    private const int ChunkSize = 500;

    /// <summary>Deletes the entries that are older than the retention now.</summary>
    /// <returns>The number of deleted entries, without the changes of the deleted actions.</returns>
    public async Task<int> DeleteAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - options.Value.Retention;
        await using var context = database.Open();
        await DeleteEmptyHoursAsync(context, before, cancellationToken);
        return await DeleteEventsAsync(context, before, cancellationToken)
            + await DeleteActionsAsync(context, before, cancellationToken)
            + await DeleteRulesAsync(context, before, cancellationToken)
            + await context.Questions.Where(question => question.AskedAt < before && question.ExpiresAt < before).ExecuteDeleteAsync(cancellationToken)
            + await context.Decisions.Where(decision => decision.At < before).ExecuteDeleteAsync(cancellationToken)
            + await context.BulkItems.Where(item => context.BulkRuns.Any(run => run.Id == item.RunId && run.At < before)).ExecuteDeleteAsync(cancellationToken)
            + await context.BulkRuns.Where(run => run.At < before).ExecuteDeleteAsync(cancellationToken)
            + await context.Audit.Where(entry => entry.At < before).ExecuteDeleteAsync(cancellationToken);
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

    private static async Task<int> DeleteEventsAsync(HistoryContext context, DateTimeOffset before, CancellationToken cancellationToken)
    {
        // The events are read in the order of arrival, so that no index on the arrival time is needed.
        for (var deleted = 0; ; deleted += ChunkSize)
        {
            var oldest = await context.Events.OrderBy(stored => stored.Seq).Select(stored => new { stored.Seq, stored.ReceivedAt }).Take(ChunkSize).ToListAsync(cancellationToken);
            var old = oldest.TakeWhile(stored => stored.ReceivedAt < before).Select(stored => stored.Seq).ToList();
            if (old.Count > 0)
            {
                await context.DeleteEventsAsync(old, cancellationToken);
            }

            if (old.Count < ChunkSize)
            {
                return deleted + old.Count;
            }
        }
    }

    private static async Task<int> DeleteActionsAsync(HistoryContext context, DateTimeOffset before, CancellationToken cancellationToken)
    {
        for (var deleted = 0; ; deleted += ChunkSize)
        {
            var old = await context.Actions
                .Where(action => action.UpdatedAt < before && (action.Status == "succeeded" || action.Status == "failed" || action.Status == "skipped"))
                .OrderBy(action => action.UpdatedAt).Select(action => action.Id).Take(ChunkSize).ToListAsync(cancellationToken);
            await context.Changes.Where(change => old.Contains(change.ActionId)).ExecuteDeleteAsync(cancellationToken);
            await context.Actions.Where(action => old.Contains(action.Id)).ExecuteDeleteAsync(cancellationToken);
            if (old.Count < ChunkSize)
            {
                return deleted + old.Count;
            }
        }
    }

    // A version of the rules is in force until the next one is loaded. It is deleted only if the load of the next version is also older than the retention.
    private static async Task<int> DeleteRulesAsync(HistoryContext context, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var deleted = await context.RuleLoads
            .Where(load => load.At < before && context.RuleLoads.Any(next => next.Service == load.Service && next.At > load.At && next.At < before))
            .ExecuteDeleteAsync(cancellationToken);
        return deleted + await context.RuleFiles
            .Where(file => !context.RuleLoads.Any(load => load.Service == file.Service && load.Version == file.Version))
            .ExecuteDeleteAsync(cancellationToken);
    }

    // Triggers decrease the count of an hour when its entries are deleted or change. The rows with the count 0 remain until they are deleted here.
    private static async Task DeleteEmptyHoursAsync(HistoryContext context, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var hour = before.UtcTicks / TimeSpan.TicksPerHour;
        await context.Database.ExecuteSqlAsync($"""DELETE FROM "EventHours" WHERE "Hour" < {hour} AND "Count" <= 0""", cancellationToken);
        await context.Database.ExecuteSqlAsync($"""DELETE FROM "ActionHours" WHERE "Hour" < {hour} AND "Count" <= 0""", cancellationToken);
    }

    [LoggerMessage(1, LogLevel.Information, "Deleted {Count} entries that are older than {Retention}")]
    private partial void LogDeleted(int count, TimeSpan retention);

    [LoggerMessage(2, LogLevel.Warning, "Entries that are older than the retention could not be deleted; next attempt in {Interval}")]
    private partial void LogFailed(TimeSpan interval, Exception exception);
}
