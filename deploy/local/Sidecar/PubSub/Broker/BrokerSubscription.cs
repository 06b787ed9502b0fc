namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>A consumer group on a topic.</summary>
/// <param name="Id">Key in the database.</param>
/// <param name="Topic">Topic.</param>
/// <param name="DeadLetterTopic">Topic of the messages that are dead-lettered; empty for none.</param>
internal readonly record struct ConsumerGroup(long Id, string Topic, string DeadLetterTopic);

/// <summary>Claims messages of one group and keeps up to the configured number of handlers busy.</summary>
internal sealed partial class BrokerSubscription : IAsyncDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly BrokerEngine _engine;
    private readonly ConsumerGroup _group;
    private readonly EmbeddedPubSubOptions _options;
    private readonly Func<ILeasedMessage, CancellationToken, Task<Settlement>> _handler;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Signal _signal = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<Task> _running = [];
    private readonly Task _pump;
    private int _free;

    public BrokerSubscription(
        BrokerEngine engine,
        ConsumerGroup group,
        EmbeddedPubSubOptions options,
        Func<ILeasedMessage, CancellationToken, Task<Settlement>> handler,
        TimeProvider time,
        ILogger logger)
    {
        (_engine, _group, _options, _handler, _time, _logger) = (engine, group, options, handler, time, logger);
        _free = options.Concurrency;
        engine.Listen(_signal, group);
        _pump = Task.Run(PumpAsync);
    }

    /// <summary>Stops claiming, then waits for the handlers that run.</summary>
    public async ValueTask DisposeAsync()
    {
        _engine.Unlisten(_signal);
        await _stop.CancelAsync();
        await _pump;
        Task[] running;
        lock (_running)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running);
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
            catch (OperationCanceledException)
            {
                // Disposal ends the loop.
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // The loop must go on: without it the topic would never be delivered again.
                LogClaimFailed(exception, _group.Topic);
                await _signal.WaitAsync(RetryInterval, _time, CancellationToken.None);
            }
        }
    }

    private async Task ClaimAsync()
    {
        var free = Volatile.Read(ref _free);
        if (free == 0)
        {
            await _signal.WaitAsync(null, _time, _stop.Token);
            return;
        }

        var now = _time.GetUtcNow();
        var until = Milliseconds(now + _options.ProcessingTimeout);
        var claim = await _engine.RunAsync(store => store.Claim(_group.Id, LeaseOwner.Current, free, Milliseconds(now), until));
        foreach (var delivery in claim.Messages)
        {
            Start(delivery);
        }

        if (claim.Messages.Count < free)
        {
            await _signal.WaitAsync(Until(claim.NextDue), _time, _stop.Token);
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

    private void Start(ClaimedMessage delivery)
    {
        Interlocked.Decrement(ref _free);
        var task = DeliverAsync(new Lease(this, delivery));
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

    private async Task DeliverAsync(Lease lease)
    {
        await Task.Yield();
        var settlement = Settlement.Abandon;
        try
        {
            settlement = _stop.IsCancellationRequested ? Settlement.Abandon : await _handler(lease, _stop.Token);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            settlement = Settlement.Defer;
            LogHandlerFailed(exception, _group.Topic, lease.Delivery.Id);
        }

        await SettleAsync(lease, settlement);
    }

    private async Task SettleAsync(Lease lease, Settlement settlement)
    {
        try
        {
            await _engine.RunAsync(store => Settle(store, lease.Delivery, settlement));
            if (settlement == Settlement.DeadLetter)
            {
                _engine.Wake(_group.DeadLetterTopic);
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The lease expires, then the message is delivered again.
            LogSettleFailed(exception, _group.Topic, lease.Delivery.Id);
        }
    }

    private bool Settle(BrokerStore store, ClaimedMessage delivery, Settlement settlement)
    {
        if (settlement == Settlement.Done)
        {
            store.Settle(_group.Id, delivery.Id);
            return true;
        }

        if (settlement == Settlement.DeadLetter)
        {
            return DeadLetter(store, delivery);
        }

        var due = settlement == Settlement.Abandon ? 0 : Milliseconds(_time.GetUtcNow() + _options.RedeliverInterval);
        return store.Reschedule(_group.Id, delivery, due);
    }

    /// <summary>One transaction, so that a crash neither loses nor duplicates the dead letter. Only the lease holder publishes it.</summary>
    private bool DeadLetter(BrokerStore store, ClaimedMessage delivery)
    {
        if (!store.SettleHeld(_group.Id, delivery))
        {
            return false;
        }

        if (_group.DeadLetterTopic.Length > 0)
        {
            store.Publish(_group.DeadLetterTopic, [delivery.Message], _options.MaxLength);
        }

        return true;
    }

    [LoggerMessage(1, LogLevel.Error, "Messages of topic {Topic} cannot be claimed; retrying")]
    private partial void LogClaimFailed(Exception exception, string topic);

    [LoggerMessage(2, LogLevel.Error, "The delivery of message {Message} of topic {Topic} failed; it will be redelivered")]
    private partial void LogHandlerFailed(Exception exception, string topic, long message);

    [LoggerMessage(3, LogLevel.Error, "The outcome of message {Message} of topic {Topic} could not be stored; it may be redelivered")]
    private partial void LogSettleFailed(Exception exception, string topic, long message);

    private sealed class Lease(BrokerSubscription subscription, ClaimedMessage delivery) : ILeasedMessage
    {
        public ClaimedMessage Delivery { get; private set; } = delivery;

        public BrokerMessage Message => Delivery.Message;

        public async Task<bool> RenewAsync(TimeSpan wait)
        {
            var until = Milliseconds(subscription._time.GetUtcNow() + wait + subscription._options.ProcessingTimeout);
            if (!await subscription._engine.RunAsync(store => store.Reschedule(subscription._group.Id, Delivery, until)))
            {
                return false;
            }

            Delivery = Delivery with { LeasedUntil = until };
            return true;
        }
    }
}
