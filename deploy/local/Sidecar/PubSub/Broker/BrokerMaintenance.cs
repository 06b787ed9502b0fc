using Microsoft.Data.Sqlite;

namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>
/// Background work on one broker: releases the leases of ended processes and, after the retention period, deletes groups without a subscriber and messages that no group has to read.
/// </summary>
internal sealed partial class BrokerMaintenance : IAsyncDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>Interval at which the leases of ended processes are released.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Wait before the first purge: subscribers need time to subscribe after a start.</summary>
    private static readonly TimeSpan FirstPurge = TimeSpan.FromMinutes(1);

    private readonly BrokerEngine _engine;
    private readonly TimeSpan _retention;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PeriodicTimer _timer;
    private readonly Task _loop;

    /// <summary>Starts the work.</summary>
    /// <param name="engine">The broker.</param>
    /// <param name="retention">How long the broker stores groups without a subscriber and messages that no group has to read. Only hours of operation are counted. Less than 1 h counts as 1 h.</param>
    /// <param name="time">Clock of the intervals.</param>
    /// <param name="logger">For failures and purges.</param>
    public BrokerMaintenance(BrokerEngine engine, TimeSpan retention, TimeProvider time, ILogger logger)
    {
        (_engine, _retention, _time, _logger) = (engine, retention, time, logger);
        _timer = new PeriodicTimer(Interval, time);
        _loop = RunAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _loop;
    }

    private async Task RunAsync()
    {
        var nextPurge = _time.GetUtcNow() + FirstPurge;
        while (await _timer.WaitForNextTickAsync())
        {
            var isDue = _time.GetUtcNow() >= nextPurge;
            await MaintainAsync(isDue);
            nextPurge = isDue ? _time.GetUtcNow() + Hour : nextPurge;
        }
    }

    private async Task MaintainAsync(bool purge)
    {
        try
        {
            await ReleaseDeadOwnersAsync();
            if (purge)
            {
                await PurgeAsync();
            }
        }
        catch (SqliteException exception)
        {
            LogFailed(exception);
        }
    }

    private async Task ReleaseDeadOwnersAsync()
    {
        var owners = await _engine.RunAsync(store => store.Owners());
        var dead = owners.Where(owner => !LeaseOwner.IsAlive(owner)).ToList();
        if (dead.Count > 0)
        {
            await _engine.RunAsync(store =>
            {
                dead.ForEach(store.Release);
                return true;
            });
            LogReleased(dead.Count);
        }
    }

    private async Task PurgeAsync()
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var active = _engine.ActiveGroups;
        var deleted = await _engine.RunAsync(store =>
        {
            store.Tick(now, (long)Hour.TotalMilliseconds, active);
            return store.Purge(Math.Max(1, (long)_retention.TotalHours));
        });
        if (deleted > 0)
        {
            LogPurged(deleted, _retention);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The maintenance of the broker failed; it is repeated")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(2, LogLevel.Information, "Messages of {Count} ended processes are delivered again")]
    private partial void LogReleased(int count);

    [LoggerMessage(3, LogLevel.Information, "Deleted {Count} messages that are older than the retention period {Retention} and that no consumer group has to read")]
    private partial void LogPurged(int count, TimeSpan retention);
}
