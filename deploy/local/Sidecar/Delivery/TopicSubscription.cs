namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>One subscription of the app, from <c>/dapr/subscribe</c> or a file.</summary>
/// <param name="PubSub">Name of the pub/sub component.</param>
/// <param name="Topic">Topic.</param>
/// <param name="Route">Path of the app that gets the messages.</param>
/// <param name="DeadLetterTopic">Topic of the messages that the app gives up; empty for none.</param>
/// <param name="Metadata">Metadata as written.</param>
/// <param name="IsDeclarative">Whether the subscription came from a file.</param>
/// <param name="BatchSize">The most messages of one request, when the subscription is a bulk subscription; null when each message has a request of its own.</param>
internal sealed record TopicSubscription(
    string PubSub, string Topic, string Route, string DeadLetterTopic, IReadOnlyDictionary<string, string> Metadata, bool IsDeclarative, int? BatchSize = null)
{
    /// <summary>Messages of one request of a bulk subscription that does not say how many: daprd's default.</summary>
    public const int DefaultBatchSize = 100;

    /// <summary>Whether messages are wrapped as they are instead of being read as CloudEvents.</summary>
    public bool IsRaw => Metadata.TryGetValue("rawPayload", out var raw) && raw.ToUpperInvariant() is "TRUE" or "1" or "T" or "Y" or "YES" or "ON";
}
