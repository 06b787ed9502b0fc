using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>How the delivery of a message ended.</summary>
internal enum Settlement
{
    /// <summary>The message was handled; it is not delivered again.</summary>
    Done,

    /// <summary>The message is moved to the dead-letter topic of the subscription, or dropped if there is no such topic.</summary>
    DeadLetter,

    /// <summary>The message is delivered again after the redelivery interval.</summary>
    Defer,

    /// <summary>The sidecar stopped before the app answered. The message is delivered again at once, to the next consumer that claims messages.</summary>
    Abandon,
}

/// <summary>A component of type <c>pubsub.*</c>.</summary>
internal interface IPubSub : IComponent
{
    /// <summary>Which topics the app may use.</summary>
    TopicScopes Scopes { get; }

    /// <summary>Stores messages in one transaction, which is committed when the task completes.</summary>
    Task PublishAsync(string topic, IReadOnlyList<BrokerMessage> messages);

    /// <summary>Passes the messages of the topic to the handler until the result is disposed. Several handlers may run at the same time.</summary>
    Task<IAsyncDisposable> SubscribeAsync(TopicRequest request, Func<LeasedBatch, CancellationToken, Task> handler, CancellationToken cancellationToken);

    /// <summary>Returns the numbers of unsettled messages by topic and group.</summary>
    Task<IReadOnlyList<Backlog>> BacklogAsync();
}

/// <summary>The request of a call of <see cref="IPubSub.SubscribeAsync"/>.</summary>
/// <param name="Topic">Topic.</param>
/// <param name="DeadLetterTopic">Topic of the messages that are dead-lettered; empty for none.</param>
/// <param name="BatchSize">Maximum number of messages that a handler gets together, 1 or more; null for one message. The broker does not wait until a batch is full.</param>
internal sealed record TopicRequest(string Topic, string DeadLetterTopic, int? BatchSize);
