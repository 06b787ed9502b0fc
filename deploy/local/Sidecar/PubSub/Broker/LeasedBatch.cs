namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>A message that this consumer has leased, and its settlement.</summary>
internal sealed class LeasedMessage(ClaimedMessage claimed)
{
    /// <summary>Content.</summary>
    public BrokerMessage Message => Claimed.Message;

    /// <summary>The settlement; null while the delivery runs.</summary>
    public Settlement? Settlement { get; private set; }

    /// <summary>Whether this consumer still holds the message and has not settled it.</summary>
    public bool IsUndecided => Settlement is null && !IsClosed;

    /// <summary>The lease as it is stored in the database.</summary>
    internal ClaimedMessage Claimed { get; private set; } = claimed;

    /// <summary>Whether the settlement is stored, or another consumer has taken the message over.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>Settles the message. The settlement is stored with the next renewal, or when the handler returns.</summary>
    public void Settle(Settlement settlement) => Settlement = settlement;

    internal void Close() => IsClosed = true;

    internal void Extend(long until) => Claimed = Claimed with { LeasedUntil = until };
}

/// <summary>Messages that one handler got together. Messages that the handler does not settle are delivered again after the redelivery interval.</summary>
internal sealed class LeasedBatch(IReadOnlyList<LeasedMessage> messages, LeaseSettler settler)
{
    /// <summary>All messages, in the order in which they were claimed.</summary>
    public IReadOnlyList<LeasedMessage> Messages => messages;

    /// <summary>Stores the settlements. The leases of the undecided messages then end after <paramref name="wait"/> and another processing timeout.</summary>
    /// <returns>False if no undecided message is left. Other consumers may have taken the messages.</returns>
    public async Task<bool> RenewAsync(TimeSpan wait)
    {
        await settler.RenewAsync([.. messages.Where(message => !message.IsClosed)], wait);
        return messages.Any(message => message.IsUndecided);
    }
}
