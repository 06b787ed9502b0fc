using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>How the delivery of a message ended.</summary>
internal enum Settlement
{
    /// <summary>Handled: it is not delivered again.</summary>
    Done,

    /// <summary>Moved to the subscription's dead-letter topic; gone where there is none.</summary>
    DeadLetter,

    /// <summary>Delivered again after the redelivery interval.</summary>
    Defer,

    /// <summary>Delivered again as soon as somebody asks: the sidecar stopped before the app had its say.</summary>
    Abandon,
}

/// <summary>A component of type <c>pubsub.*</c>.</summary>
internal interface IPubSub : IComponent
{
    /// <summary>Which topics the app may use.</summary>
    TopicScopes Scopes { get; }

    /// <summary>Stores messages in one transaction; they are durable when the task completes.</summary>
    Task PublishAsync(string topic, IReadOnlyList<BrokerMessage> messages);

    /// <summary>Hands every message of the topic to the handler until disposed; several batches may run at a time.</summary>
    Task<IAsyncDisposable> SubscribeAsync(TopicRequest request, Func<LeasedBatch, CancellationToken, Task> handler, CancellationToken cancellationToken);

    /// <summary>Unsettled messages by topic and group.</summary>
    Task<IReadOnlyList<Backlog>> BacklogAsync();
}

/// <summary>What a subscription asks of the broker.</summary>
/// <param name="Topic">Topic.</param>
/// <param name="DeadLetterTopic">Topic of the messages that are dead-lettered; empty for none.</param>
/// <param name="BatchSize">The most messages that the handler gets at a time, 1 upwards; null for one at a time. A batch holds what waits: it is never waited for.</param>
internal sealed record TopicRequest(string Topic, string DeadLetterTopic, int? BatchSize);
