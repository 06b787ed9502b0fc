using System.Data.Common;
using System.Threading.Channels;

using Microsoft.Extensions.Options;

namespace MLEvents.Dashboard.History;

/// <summary>
/// Writes entries to the history in batches. A transaction writes the entries that arrived during the previous transaction. Under load, the writer first waits
/// some milliseconds for more entries.
/// </summary>
internal sealed partial class HistoryWriter(HistoryDatabase database, HistorySignal signal, IOptions<HistoryOptions> options, TimeProvider time, ILogger<HistoryWriter> logger) : BackgroundService
{
    /// <summary>If a transaction wrote at least this number of entries, the writer waits for more entries before the next transaction.</summary>
    internal const int BusyBatch = 10;

    /// <summary>The time between two checks of the number of waiting entries.</summary>
    internal static readonly TimeSpan BatchCheck = TimeSpan.FromMilliseconds(10);

    private const int LargeBatch = 200;
    private static readonly TimeSpan BatchInterval = TimeSpan.FromMilliseconds(50);

    private readonly Channel<PendingEntry> _queue = Channel.CreateBounded<PendingEntry>(new BoundedChannelOptions(options.Value.QueueLength) { SingleReader = true });
    private volatile WriteOutage? _outage;

    /// <summary>The current outage of the database; null if it accepts writes.</summary>
    public WriteOutage? Outage => _outage;

    /// <summary>Adds an entry.</summary>
    /// <returns>A task that completes when the entry is durable.</returns>
    /// <exception cref="TimeoutException">The entry was not stored in time. It may still be stored later.</exception>
    /// <exception cref="HistoryUnavailableException">The database does not accept writes at the moment.</exception>
    public async Task WriteAsync(HistoryEntry entry, CancellationToken cancellationToken)
    {
        var pending = new PendingEntry(entry);
        var begin = time.GetTimestamp();
        if (!_queue.Writer.TryWrite(pending))
        {
            await WaitForRoomAsync(pending, cancellationToken);
        }

        var left = options.Value.WriteTimeout - time.GetElapsedTime(begin);
        try
        {
            await pending.Stored.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellationToken);
        }
        catch (TimeoutException) when (!pending.Stored.Task.IsCompleted)
        {
            throw NotStored();
        }
    }

    private async Task WaitForRoomAsync(PendingEntry pending, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Value.WriteTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await _queue.Writer.WriteAsync(pending, either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw NotStored();
        }
    }

    private TimeoutException NotStored() => new($"The history did not store the entry within {options.Value.WriteTimeout}.");

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.Ready.WaitAsync(stoppingToken);
        var batch = new List<PendingEntry>(options.Value.BatchSize);
        var (begin, written) = (0L, 0);
        while (await _queue.Reader.WaitToReadAsync(stoppingToken))
        {
            if (written >= BusyBatch)
            {
                await CollectAsync(begin, stoppingToken);
            }

            begin = time.GetTimestamp();
            while (batch.Count < options.Value.BatchSize && _queue.Reader.TryRead(out var pending))
            {
                batch.Add(pending);
            }

            await WriteBatchAsync(batch, stoppingToken);
            written = batch.Count;
            batch.Clear();
        }
    }

    // A transaction writes about one page for each index of a table, even if it adds only a few rows. Under load, many small transactions would take most of
    // the writer's time.
    // After a small transaction, the writer does not wait, so that single entries are written at once.
    private async Task CollectAsync(long begin, CancellationToken cancellationToken)
    {
        var enough = Math.Min(LargeBatch, Math.Min(options.Value.BatchSize, options.Value.QueueLength));
        while (time.GetElapsedTime(begin) < BatchInterval && _queue.Reader.Count < enough)
        {
            await Task.Delay(BatchCheck, time, cancellationToken);
        }
    }

    private async Task WriteBatchAsync(IReadOnlyList<PendingEntry> batch, CancellationToken cancellationToken)
    {
        var exception = await TryWriteAsync(batch, cancellationToken);
        ReportOutage(exception);
        if (exception is null)
        {
            return;
        }

        if (exception is HistoryUnavailableException)
        {
            LogUnavailable(batch.Count, exception);
            foreach (var pending in batch)
            {
                pending.Stored.TrySetException(exception);
            }
        }
        else if (batch is [var only])
        {
            only.Stored.TrySetException(exception);
        }
        else
        {
            // At least one of the entries cannot be stored. Each entry gets its own transaction, so that the other entries are stored.
            foreach (var pending in batch)
            {
                await WriteBatchAsync([pending], cancellationToken);
            }
        }
    }

    // Any other exception concerns only its entry, so it neither begins nor ends an outage.
    private void ReportOutage(Exception? exception)
    {
        if (exception is HistoryUnavailableException)
        {
            _outage = new(_outage?.Since ?? time.GetUtcNow(), exception.InnerException?.Message ?? exception.Message);
        }
        else if (exception is null)
        {
            _outage = null;
        }

        signal.Raise();
    }

    private async Task<Exception?> TryWriteAsync(IReadOnlyList<PendingEntry> batch, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        try
        {
            await using var transaction = await connection.BeginWriteAsync(cancellationToken);
            await HistoryBatch.From(batch.Select(pending => pending.Entry)).InsertAsync(connection, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            signal.CountWrite();
        }
        catch (Exception exception) when (exception is DbException or IOException or InvalidOperationException or TimeoutException or ArgumentException)
        {
            return database.IsUnavailable(exception) ? new HistoryUnavailableException($"The history database does not accept writes: {exception.Message}", exception) : exception;
        }

        foreach (var pending in batch)
        {
            pending.Stored.TrySetResult();
        }

        return null;
    }

    [LoggerMessage(1, LogLevel.Warning, "The history database does not accept writes. Entries whose messages the broker redelivers: {Count}")]
    private partial void LogUnavailable(int count, Exception exception);

    private sealed record PendingEntry(HistoryEntry Entry)
    {
        public TaskCompletionSource Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>An outage of the history database: it does not accept writes, for instance because its disk is full.</summary>
/// <param name="Since">The time of the first failed write.</param>
/// <param name="Reason">The error of the latest failed write.</param>
public sealed record WriteOutage(DateTimeOffset Since, string Reason);
