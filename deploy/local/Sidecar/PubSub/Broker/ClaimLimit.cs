namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>The limit of one claim.</summary>
/// <param name="Messages">Maximum number of messages, 1 or more.</param>
/// <param name="Bytes">A claim takes no further message when its messages together have this number of bytes. It always takes the first message, which can be larger.</param>
internal readonly record struct ClaimLimit(int Messages, long Bytes)
{
    /// <summary>A batch takes no further message when it has this number of bytes, because Kestrel refuses bodies over 30 MB by default. A single message has up to 4 MiB.</summary>
    public const long BatchBytes = 4 << 20;

    /// <summary>Maximum number of messages in one claim. A claim is a transaction, so other work waits until it ends.</summary>
    private const int MaxMessages = 1000;

    /// <summary>Returns the limit for a number of free handlers.</summary>
    public static ClaimLimit Create(int handlers, int batchSize) => new((int)Math.Min((long)handlers * batchSize, MaxMessages), handlers * BatchBytes);

    /// <summary>
    /// Splits messages, in their order, into batches of at most <paramref name="batchSize"/> messages. A batch also ends when it has <see cref="BatchBytes"/>.
    /// </summary>
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
