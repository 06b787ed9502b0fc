using System.Collections.Concurrent;
using System.Threading.Channels;

using Microsoft.Data.Sqlite;

namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>
/// Runs all work on one broker database in one loop. Operations that wait for the loop share a transaction (group commit), so a hundred concurrent
/// publishes need one write to disk. Processes that share the file notify each other through a <see cref="BrokerNotifier"/> after their commits. A poll of
/// <c>PRAGMA data_version</c> finds commits whose notification was lost.
/// </summary>
internal sealed partial class BrokerEngine : IAsyncDisposable
{
    /// <summary>Poll interval for commits of other processes without a notification.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>Poll interval without a notifier. One poll takes microseconds.</summary>
    private static readonly TimeSpan PollIntervalWithoutNotifier = TimeSpan.FromMilliseconds(50);

    private const int MaxBatch = 512;

    private readonly Channel<StoreOperation> _queue = Channel.CreateUnbounded<StoreOperation>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<Signal, ConsumerGroup> _subscribers = new();
    private readonly BrokerStore _store;
    private readonly BrokerNotifier? _notifier;
    private readonly ILogger _logger;
    private readonly Task _loop;
    private readonly PeriodicTimer? _timer;
    private readonly Task _poll;
    private long _commits;

    /// <summary>Starts the loop.</summary>
    /// <param name="connection">The database; the engine closes it.</param>
    /// <param name="sharedFile">The database file if other processes may use it; null otherwise.</param>
    /// <param name="time">Clock of the poll.</param>
    /// <param name="logger">For failures.</param>
    public BrokerEngine(SqliteConnection connection, string? sharedFile, TimeProvider time, ILogger logger)
    {
        _store = new BrokerStore(connection);
        _logger = logger;
        _notifier = sharedFile is null ? null : BrokerNotifier.TryOpen(sharedFile, Wake, logger);
        _loop = Task.Run(RunAsync);
        _timer = sharedFile is null ? null : new PeriodicTimer(_notifier is null ? PollIntervalWithoutNotifier : PollInterval, time);
        _poll = _timer is null ? Task.CompletedTask : PollAsync(_timer);
    }

    /// <summary>Transactions committed so far.</summary>
    internal long Commits => Interlocked.Read(ref _commits);

    /// <summary>The number of other processes that are connected through the notifier.</summary>
    internal int Peers => _notifier?.Peers ?? 0;

    /// <summary>
    /// Runs work in the next transaction, which is committed when the task completes.
    /// If a shared transaction fails, the work can run again in its own transaction.
    /// </summary>
    /// <exception cref="SqliteException">The database failed, for example because the disk is full or the file was locked for too long.</exception>
    public Task<T> RunAsync<T>(Func<BrokerStore, T> work)
        where T : notnull
    {
        var operation = new StoreOperation<T>(work);
        ObjectDisposedException.ThrowIf(!_queue.Writer.TryWrite(operation), this);
        return operation.Task;
    }

    /// <summary>Adds messages. They are committed when the task completes.</summary>
    public Task PublishAsync(string topic, IReadOnlyList<BrokerMessage> messages, int? keep) => RunAsync(store =>
    {
        store.Publish(topic, messages, keep);
        return true;
    });

    /// <summary>From now on, sets <paramref name="signal"/> whenever the group's topic may have new or released messages.</summary>
    public void Listen(Signal signal, ConsumerGroup group) => _subscribers[signal] = group;

    /// <summary>The groups that sidecars of this process subscribe to.</summary>
    public IReadOnlyList<long> ActiveGroups => [.. _subscribers.Values.Select(group => group.Id)];

    public void Unlisten(Signal signal) => _subscribers.TryRemove(signal, out _);

    public async ValueTask DisposeAsync()
    {
        _timer?.Dispose();
        _queue.Writer.TryComplete();
        await _poll;
        await _loop;
        await (_notifier?.DisposeAsync() ?? ValueTask.CompletedTask);
        _store.Dispose();
    }

    /// <summary>Wakes the subscribers of a topic in this process; all subscribers if the topic is null.</summary>
    private void Wake(string? topic)
    {
        foreach (var (signal, subscribed) in _subscribers)
        {
            if (topic is null || topic == subscribed.Topic)
            {
                signal.Set();
            }
        }
    }

    private async Task PollAsync(PeriodicTimer timer)
    {
        while (await timer.WaitForNextTickAsync())
        {
            // A sidecar that only publishes has no subscribers to wake, so it needs no poll.
            _ = _subscribers.IsEmpty || _queue.Writer.TryWrite(StoreOperation.Poll);
        }
    }

    private async Task RunAsync()
    {
        var batch = new List<StoreOperation>();
        var version = -1L;
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var operation))
            {
                batch.Add(operation);
            }

            var isPolled = batch.RemoveAll(operation => operation == StoreOperation.Poll) > 0;
            Execute(batch);
            batch.Clear();
            version = isPolled ? LookForOthers(version) : version;
        }
    }

    private long LookForOthers(long version)
    {
        try
        {
            var current = _store.DataVersion();
            if (current != version)
            {
                Wake(null);
            }

            return current;
        }
        catch (SqliteException exception)
        {
            LogPollFailed(exception);
            return -1;
        }
    }

    /// <summary>
    /// Executes all operations in one transaction. If the transaction fails, executes each operation in its own transaction, so that only the operations that cause
    /// an error fail. If the database is locked, all operations fail.
    /// </summary>
    private void Execute(List<StoreOperation> batch)
    {
        if (batch.Count == 0)
        {
            return;
        }

        if (Commit(batch) is not { } failure)
        {
            batch.ForEach(operation => operation.Complete());
            Announce();
        }
        else if (batch.Count == 1 || IsLocked(failure))
        {
            batch.ForEach(operation => operation.Fail(failure));
        }
        else
        {
            batch.ForEach(operation => Execute([operation]));
        }
    }

    /// <summary>Returns null if the transaction is committed; otherwise the error, and nothing is stored.</summary>
    private Exception? Commit(List<StoreOperation> batch)
    {
        try
        {
            _store.Begin();
            batch.ForEach(operation => operation.Run(_store));
            _store.Commit();
            Interlocked.Increment(ref _commits);
            return null;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The callers get every error. An exception that leaves this method would end the loop, and later operations would never complete.
            Rollback();
            return exception;
        }
    }

    private void Announce()
    {
        if (_store.Changed.Count > 0)
        {
            foreach (var topic in _store.Changed)
            {
                Wake(topic);
            }

            _notifier?.Notify(_store.Changed);
        }
    }

    private void Rollback()
    {
        try
        {
            _store.Rollback();
        }
        catch (SqliteException exception)
        {
            LogRollbackFailed(exception);
        }
    }

    /// <summary>Whether another process has locked the database. Each further operation would wait for the lock again.</summary>
    private static bool IsLocked(Exception error) => error is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED };

    [LoggerMessage(1, LogLevel.Error, "The broker database does not answer; retrying")]
    private partial void LogPollFailed(Exception exception);

    [LoggerMessage(2, LogLevel.Error, "A failed transaction of the broker database cannot be rolled back")]
    private partial void LogRollbackFailed(Exception exception);
}
