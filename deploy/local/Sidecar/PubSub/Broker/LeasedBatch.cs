namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>A message that this consumer has leased, and what becomes of it.</summary>
internal sealed class LeasedMessage(ClaimedMessage claimed)
{
    /// <summary>Content.</summary>
    public BrokerMessage Message => Claimed.Message;

    /// <summary>How the delivery ended; null while it runs.</summary>
    public Settlement? Settlement { get; private set; }

    /// <summary>Whether this consumer still holds the message and has not decided about it.</summary>
    public bool IsUndecided => Settlement is null && !IsClosed;

    /// <summary>The lease as the database has it.</summary>
    internal ClaimedMessage Claimed { get; private set; } = claimed;

    /// <summary>Whether the settlement is stored, or another consumer has taken the message over.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>Decides how the delivery ended. The decision is stored with the next renewal, or when the handler returns.</summary>
    public void Settle(Settlement settlement) => Settlement = settlement;

    internal void Close() => IsClosed = true;

    internal void Extend(long until) => Claimed = Claimed with { LeasedUntil = until };
}

/// <summary>Messages that one handler got at the same time. Those that it leaves undecided are delivered again after the redelivery interval.</summary>
internal sealed class LeasedBatch(IReadOnlyList<LeasedMessage> messages, LeaseSettler settler)
{
    /// <summary>All messages, in the order of the topic.</summary>
    public IReadOnlyList<LeasedMessage> Messages => messages;

    /// <summary>Stores the decisions made so far, and keeps others off the undecided messages for another processing timeout, from <paramref name="wait"/> on.</summary>
    /// <returns>False when no undecided message is left: other consumers have taken them over meanwhile.</returns>
    public async Task<bool> RenewAsync(TimeSpan wait)
    {
        await settler.RenewAsync([.. messages.Where(message => !message.IsClosed)], wait);
        return messages.Any(message => message.IsUndecided);
    }
}
