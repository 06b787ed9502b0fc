using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>How a delivery ended.</summary>
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

    /// <summary>Hands every message of the topic to the handler until disposed; several may run at a time. No dead-letter topic is written empty.</summary>
    Task<IAsyncDisposable> SubscribeAsync(
        string topic, string deadLetterTopic, Func<ILeasedMessage, CancellationToken, Task<Settlement>> handler, CancellationToken cancellationToken);

    /// <summary>Unsettled messages by topic and group.</summary>
    Task<IReadOnlyList<Backlog>> BacklogAsync();
}

/// <summary>A message and the lease on it.</summary>
internal interface ILeasedMessage
{
    /// <summary>Content.</summary>
    BrokerMessage Message { get; }

    /// <summary>Keeps others off the message for another processing timeout, from <paramref name="wait"/> on.</summary>
    /// <returns>False when another consumer has taken the message over meanwhile.</returns>
    Task<bool> RenewAsync(TimeSpan wait);
}
