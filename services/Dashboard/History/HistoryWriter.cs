using System.Data.Common;
using System.Threading.Channels;

using Microsoft.Extensions.Options;

namespace MLEvents.Dashboard.History;

/// <summary>Writes entries to the history, many in one transaction: those that arrive while a transaction is in progress are written together by the next.</summary>
internal sealed partial class HistoryWriter(HistoryDatabase database, HistorySignal signal, IOptions<HistoryOptions> options, TimeProvider time, ILogger<HistoryWriter> logger) : BackgroundService
{
    private readonly Channel<PendingEntry> _queue = Channel.CreateBounded<PendingEntry>(new BoundedChannelOptions(options.Value.QueueLength) { SingleReader = true });
    private volatile WriteOutage? _outage;

    /// <summary>Why the database does not accept writes; null if the last write passed.</summary>
    public WriteOutage? Outage => _outage;

    /// <summary>Adds an entry.</summary>
    /// <returns>A task that completes when the entry is durable.</returns>
    /// <exception cref="TimeoutException">The entry was not stored in time. It may still be stored later.</exception>
    /// <exception cref="HistoryUnavailableException">The database cannot be written at the moment.</exception>
    public async Task WriteAsync(HistoryEntry entry, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Value.WriteTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var pending = new PendingEntry(entry);
        try
        {
            await _queue.Writer.WriteAsync(pending, either.Token);
            await pending.Stored.Task.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The history did not store the entry within {options.Value.WriteTimeout}.");
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.Ready.WaitAsync(stoppingToken);
        var batch = new List<PendingEntry>(options.Value.BatchSize);
        while (await _queue.Reader.WaitToReadAsync(stoppingToken))
        {
            while (batch.Count < options.Value.BatchSize && _queue.Reader.TryRead(out var pending))
            {
                batch.Add(pending);
            }

            await WriteBatchAsync(batch, stoppingToken);
            batch.Clear();
        }
    }

    private async Task WriteBatchAsync(IReadOnlyList<PendingEntry> batch, CancellationToken cancellationToken)
    {
        var exception = await TryWriteAsync(batch, cancellationToken);
        Note(exception);
        if (exception is null)
        {
            return;
        }

        if (batch is [var only])
        {
            only.Stored.TrySetException(exception);
        }
        else if (exception is HistoryUnavailableException)
        {
            LogUnavailable(batch.Count, exception);
            foreach (var pending in batch)
            {
                pending.Stored.TrySetException(exception);
            }
        }
        else
        {
            // One of the entries cannot be stored. Alone, it fails alone.
            foreach (var pending in batch)
            {
                await WriteBatchAsync([pending], cancellationToken);
            }
        }
    }

    // An entry that cannot be stored for its own sake says nothing about the database.
    private void Note(Exception? exception)
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
        await using var context = database.Open();
        try
        {
            await using var transaction = await context.BeginWriteAsync(cancellationToken);
            await HistoryBatch.From(batch.Select(pending => pending.Entry)).InsertAsync(context, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is DbException or IOException or InvalidOperationException or TimeoutException or ArgumentException)
        {
            return context.IsUnavailable(exception) ? new HistoryUnavailableException($"The history database does not accept writes: {exception.Message}", exception) : exception;
        }

        foreach (var pending in batch)
        {
            pending.Stored.TrySetResult();
        }

        return null;
    }

    [LoggerMessage(1, LogLevel.Warning, "The history database does not accept writes; the broker redelivers {Count} entries")]
    private partial void LogUnavailable(int count, Exception exception);

    private sealed record PendingEntry(HistoryEntry Entry)
    {
        public TaskCompletionSource Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>An outage of the history database: it does not accept writes, for instance because its disk is full.</summary>
/// <param name="Since">When a write failed first.</param>
/// <param name="Reason">What the database answered last.</param>
public sealed record WriteOutage(DateTimeOffset Since, string Reason);
