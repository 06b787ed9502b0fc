namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>How much one claim takes.</summary>
/// <param name="Messages">Messages, 1 upwards.</param>
/// <param name="Bytes">Bytes after which no further message is added, so that a claim holds at least one message whatever its size.</param>
internal readonly record struct ClaimLimit(int Messages, long Bytes)
{
    /// <summary>Bytes after which a batch takes no further message: Kestrel refuses bodies over 30 MB by default, and a message has up to 4 MiB.</summary>
    public const long BatchBytes = 4 << 20;

    /// <summary>Messages of one claim: a claim is a transaction, and other work waits for it.</summary>
    private const int MostMessages = 1000;

    /// <summary>The limit for so many free handlers.</summary>
    public static ClaimLimit Create(int handlers, int batchSize) => new((int)Math.Min((long)handlers * batchSize, MostMessages), handlers * BatchBytes);

    /// <summary>Splits messages, in their order, into batches of at most <paramref name="batchSize"/> messages.</summary>
    public static IEnumerable<IReadOnlyList<ClaimedMessage>> Split(IReadOnlyList<ClaimedMessage> messages, int batchSize)
    {
        var (batch, bytes) = (new List<ClaimedMessage>(), 0L);
        foreach (var message in messages)
        {
            batch.Add(message);
            bytes += message.Message.Data.Length;
            if (batch.Count == batchSize || bytes >= BatchBytes)
            {
                yield return batch;
                (batch, bytes) = ([], 0);
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }
}
