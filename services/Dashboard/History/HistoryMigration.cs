using System.Data.Common;

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MLEvents.Dashboard.History;

/// <summary>Applies pending migrations when the service starts. The service also starts while the database is unavailable, and is not ready until the migrations are applied.</summary>
internal sealed partial class HistoryMigration(HistoryDatabase database, DashboardStart start, TimeProvider time, ILogger<HistoryMigration> logger) : BackgroundService
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // With SQLite, the migration runs synchronously, and the start of the service must not wait for it.
        await Task.Yield();
        await start.Begun.WaitAsync(stoppingToken);
        while (!database.Ready.IsCompleted)
        {
            try
            {
                await database.MigrateAsync(stoppingToken);
                LogReady();
            }
            catch (Exception exception) when (exception is DbException or IOException or UnauthorizedAccessException or InvalidOperationException or TimeoutException)
            {
                LogNotReady(Retry, exception);
                await Task.Delay(Retry, time, stoppingToken);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The history database is ready")]
    private partial void LogReady();

    [LoggerMessage(2, LogLevel.Warning, "The history database cannot be opened; next attempt in {Retry}")]
    private partial void LogNotReady(TimeSpan retry, Exception exception);
}

/// <summary>
/// Reports that the service is not ready until the migrations are applied. While the database does not accept writes, the check reports Degraded, because the
/// pages can still show stored entries.
/// </summary>
internal sealed class HistoryHealthCheck(HistoryDatabase database, HistoryWriter writer) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        !database.Ready.IsCompletedSuccessfully
            ? new HealthCheckResult(context.Registration.FailureStatus, "the history database cannot be opened; check History:File or History:PostgreSql, and the log")
            : writer.Outage is { } outage
                ? HealthCheckResult.Degraded($"the history database has not accepted writes since {outage.Since:u}; new events and changes wait in the broker. Reason: {outage.Reason}")
                : HealthCheckResult.Healthy("the history database is migrated and accepts writes"));
}
