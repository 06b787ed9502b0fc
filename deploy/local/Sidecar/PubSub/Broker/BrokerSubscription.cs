namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>A consumer group on a topic.</summary>
/// <param name="Id">Key in the database.</param>
/// <param name="Topic">Topic.</param>
/// <param name="DeadLetterTopic">Topic of the messages that are dead-lettered; empty for none.</param>
internal readonly record struct ConsumerGroup(long Id, string Topic, string DeadLetterTopic);

/// <summary>Claims messages of one group and runs up to the configured number of handlers. A handler gets all available messages together, up to the batch size.</summary>
internal sealed partial class BrokerSubscription : IAsyncDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly BrokerEngine _engine;
    private readonly ConsumerGroup _group;
    private readonly EmbeddedPubSubOptions _options;
    private readonly LeaseSettler _settler;
    private readonly Func<LeasedBatch, CancellationToken, Task> _handler;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Signal _signal;
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<Task> _running = [];
    private readonly int _batchSize;
    private readonly Task _pump;
    private int _free;

    public BrokerSubscription(
        BrokerEngine engine,
        ConsumerGroup group,
        int? batchSize,
        EmbeddedPubSubOptions options,
        Func<LeasedBatch, CancellationToken, Task> handler,
        TimeProvider time,
        ILogger logger)
    {
        (_engine, _group, _options, _handler, _time, _logger) = (engine, group, options, handler, time, logger);
        _settler = new LeaseSettler(engine, group, options, time, logger);
        (_batchSize, _free) = batchSize is { } size ? (size, options.BulkConcurrency) : (1, options.Concurrency);
        _signal = new Signal(time);
        engine.Listen(_signal, group);
        _pump = Task.Run(PumpAsync);
    }

    /// <summary>Stops claiming, then waits for the handlers that run.</summary>
    public async ValueTask DisposeAsync()
    {
        _engine.Unlisten(_signal);
        await _stop.CancelAsync();
        _signal.Set();
        await _pump;
        Task[] running;
        lock (_running)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running);
        _signal.Dispose();
        _stop.Dispose();
    }

    private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private async Task PumpAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await ClaimAsync();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // The loop must continue: without it, no more messages of the topic would be delivered.
                LogClaimFailed(exception, _group.Topic);
                await _signal.WaitAsync(RetryInterval);
            }
        }
    }

    private async Task ClaimAsync()
    {
        var free = Volatile.Read(ref _free);
        if (free == 0)
        {
            await _signal.WaitAsync(null);
            return;
        }

        var now = _time.GetUtcNow();
        var until = Milliseconds(now + _options.ProcessingTimeout);
        var limit = ClaimLimit.Create(free, _batchSize);
        var claim = await _engine.RunAsync(store => store.Claim(_group.Id, LeaseOwner.Current, limit, Milliseconds(now), until));
        foreach (var messages in ClaimLimit.Split(claim.Messages, _batchSize))
        {
            Start(new LeasedBatch([.. messages.Select(message => new LeasedMessage(message))], _settler));
        }

        if (!claim.IsFull)
        {
            await _signal.WaitAsync(Until(claim.NextDue));
        }
    }

    private TimeSpan? Until(long? due)
    {
        if (due is not { } at)
        {
            return null;
        }

        var wait = at - Milliseconds(_time.GetUtcNow());
        return TimeSpan.FromMilliseconds(Math.Clamp(wait, 1, int.MaxValue));
    }

    private void Start(LeasedBatch batch)
    {
        Interlocked.Decrement(ref _free);
        var task = DeliverAsync(batch);
        lock (_running)
        {
            _running.Add(task);
        }

        _ = task.ContinueWith(Finished, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Finished(Task task)
    {
        lock (_running)
        {
            _running.Remove(task);
        }

        Interlocked.Increment(ref _free);
        _signal.Set();
    }

    private async Task DeliverAsync(LeasedBatch batch)
    {
        await Task.Yield();
        try
        {
            await HandleAsync(batch);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogHandlerFailed(exception, batch.Messages.Count, _group.Topic);
        }

        await _settler.SettleAsync([.. batch.Messages.Where(message => !message.IsClosed)]);
    }

    private Task HandleAsync(LeasedBatch batch)
    {
        if (!_stop.IsCancellationRequested)
        {
            return _handler(batch, _stop.Token);
        }

        foreach (var message in batch.Messages)
        {
            message.Settle(Settlement.Abandon);
        }

        return Task.CompletedTask;
    }

    [LoggerMessage(1, LogLevel.Error, "Messages of topic {Topic} cannot be claimed; retrying")]
    private partial void LogClaimFailed(Exception exception, string topic);

    [LoggerMessage(2, LogLevel.Error, "The delivery of {Count} messages of topic {Topic} failed; they will be redelivered")]
    private partial void LogHandlerFailed(Exception exception, int count, string topic);
}
