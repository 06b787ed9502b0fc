using Dapr;
using Dapr.Client;

using MLEvents.Events;
using MLEvents.State;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>Publishes a stored message again.</summary>
internal interface IReplay
{
    /// <param name="message">The stored message.</param>
    /// <param name="raw">The bytes of the message.</param>
    /// <param name="force">The token that makes the ledgers repeat the actions of the events; null if the replay is not forced.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The number of published events, or the reason why none was published.</returns>
    /// <exception cref="DaprException">The broker, or the state store of the tokens, is unavailable.</exception>
    /// <exception cref="NotAllPublishedException">The broker did not accept every event of a quarantined message.</exception>
    Task<Replayed> ReplayAsync(StoredMessage message, byte[] raw, string? force, CancellationToken cancellationToken);
}

/// <summary>The result of a replay.</summary>
/// <param name="Published">The number of events that the broker accepted.</param>
/// <param name="Refusal">The reason why no event was published; null otherwise.</param>
internal sealed record Replayed(int Published, string? Refusal = null);

/// <summary>
/// Publishes a dead letter to its original topic, byte for byte except for the token of a forced replay. Id, source and correlation stay the same, so the
/// subscribers' ledgers find the actions that they have already executed for the event.
/// </summary>
internal sealed class ReplayDeadLetter(DaprClient dapr, ReplayTokens tokens) : IReplay
{
    public async Task<Replayed> ReplayAsync(StoredMessage message, byte[] raw, string? force, CancellationToken cancellationToken)
    {
        if (message is not { Event: { } named, Topic: { } topic } || topic == Topics.DeadLetters)
        {
            return new(0, message.Event is null ? message.Reason : "The message has no topic to which it can be published.");
        }

        await tokens.IssueAsync(force, named.Source, named.Id, cancellationToken);
        try
        {
            await dapr.PublishByteEventAsync(Topics.PubSub, topic, ForcedReplay.Mark(raw, force), "application/cloudevents+json", cancellationToken: cancellationToken);
            return new(1);
        }
        catch (DaprException exception) when (DaprFailures.IsForbidden(exception))
        {
            return new(0, $"The ingress may not publish to the topic '{topic}', so it cannot replay the message. A person who may send to this topic of the broker can publish the bytes of the message again. The publishingScopes of the Dapr component '{Topics.PubSub}' name the apps that may publish to the topic.");
        }
    }
}
