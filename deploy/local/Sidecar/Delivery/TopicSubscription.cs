using MLEvents.Local.Sidecar.PubSub;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>One subscription of the app, from <c>/dapr/subscribe</c> or a file.</summary>
/// <param name="PubSub">Name of the pub/sub component.</param>
/// <param name="Topic">Topic.</param>
/// <param name="Route">Path in the app to which the messages are posted.</param>
/// <param name="DeadLetterTopic">Topic of the messages that are dead-lettered; empty for none.</param>
/// <param name="Metadata">Metadata of the subscription, unchanged.</param>
/// <param name="IsDeclarative">Whether the subscription came from a file.</param>
/// <param name="BatchSize">Maximum number of messages in one request of a bulk subscription; null if each message has its own request.</param>
internal sealed record TopicSubscription(
    string PubSub, string Topic, string Route, string DeadLetterTopic, IReadOnlyDictionary<string, string> Metadata, bool IsDeclarative, int? BatchSize = null)
{
    /// <summary>daprd's default for the number of messages in one request of a bulk subscription.</summary>
    public const int DefaultBatchSize = 100;

    /// <summary>Whether the sidecar delivers messages as raw payloads, and does not read them as CloudEvents.</summary>
    public bool IsRaw => CloudEventEnvelope.IsRaw(Metadata);
}
