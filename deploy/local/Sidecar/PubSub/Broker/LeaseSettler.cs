namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>Stores how the deliveries of leased messages of one consumer group ended. One transaction contains all messages of a call.</summary>
internal sealed partial class LeaseSettler(BrokerEngine engine, ConsumerGroup group, EmbeddedPubSubOptions options, TimeProvider time, ILogger logger)
{
    private readonly ILogger _logger = logger;

    /// <summary>Stores the settlements. Undecided messages are deferred.</summary>
    public async Task SettleAsync(IReadOnlyList<LeasedMessage> messages)
    {
        try
        {
            await engine.RunAsync(store => Settle(store, messages));
            Close(messages);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The messages are delivered again after their leases expire.
            LogSettleFailed(exception, messages.Count, group.Topic);
        }
    }

    /// <summary>Stores the settlements. The leases of the undecided messages then end after <paramref name="wait"/> and another processing timeout.</summary>
    public async Task RenewAsync(IReadOnlyList<LeasedMessage> messages, TimeSpan wait)
    {
        var until = (time.GetUtcNow() + wait + options.ProcessingTimeout).ToUnixTimeMilliseconds();
        var decided = messages.Where(message => message.Settlement is not null).ToList();
        var undecided = messages.Where(message => message.Settlement is null).ToList();
        var held = await engine.RunAsync(store =>
        {
            Settle(store, decided);
            return undecided.ConvertAll(message => store.Reschedule(group.Id, message.Claimed, until));
        });
        Close(decided);
        foreach (var (message, isHeld) in undecided.Zip(held))
        {
            Extend(message, isHeld, until);
        }
    }

    private static void Extend(LeasedMessage message, bool isHeld, long until)
    {
        if (isHeld)
        {
            message.Extend(until);
        }
        else
        {
            message.Close();
        }
    }

    private static void Close(IReadOnlyList<LeasedMessage> messages)
    {
        foreach (var message in messages)
        {
            message.Close();
        }
    }

    private bool Settle(BrokerStore store, IReadOnlyList<LeasedMessage> messages)
    {
        var done = messages.Where(message => message.Settlement == Settlement.Done).Select(message => message.Claimed.Id).ToList();
        if (done.Count > 0)
        {
            store.Settle(group.Id, done);
        }

        foreach (var message in messages.Where(message => message.Settlement != Settlement.Done))
        {
            Settle(store, message.Claimed, message.Settlement ?? Settlement.Defer);
        }

        return true;
    }

    private void Settle(BrokerStore store, ClaimedMessage claimed, Settlement settlement)
    {
        switch (settlement)
        {
            case Settlement.DeadLetter:
                DeadLetter(store, claimed);
                break;
            case Settlement.Abandon:
                store.Abandon(group.Topic, group.Id, claimed);
                break;
            default:
                store.Reschedule(group.Id, claimed, (time.GetUtcNow() + options.RedeliverInterval).ToUnixTimeMilliseconds());
                break;
        }
    }

    /// <summary>Dead-letters a message in one transaction, so that a crash neither loses nor duplicates the dead letter. Only the holder of the lease publishes the dead letter.</summary>
    private void DeadLetter(BrokerStore store, ClaimedMessage claimed)
    {
        if (store.SettleHeld(group.Id, claimed) && group.DeadLetterTopic.Length > 0)
        {
            store.Publish(group.DeadLetterTopic, [claimed.Message], options.MaxLength);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The outcomes of {Count} messages of topic {Topic} could not be stored; they may be redelivered")]
    private partial void LogSettleFailed(Exception exception, int count, string topic);
}
