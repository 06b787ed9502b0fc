using Dapr.Client;

using Microsoft.Net.Http.Headers;

using MLEvents.Events;
using MLEvents.Ingress.Reading;
using MLEvents.Keeping;

namespace MLEvents.Ingress.Kept;

/// <summary>Puts a kept message into the broker again.</summary>
internal interface IReplay
{
    /// <returns>How many events were published, or why none could be.</returns>
    /// <exception cref="Dapr.DaprException">The broker is away.</exception>
    Task<Replayed> ReplayAsync(KeptMessage message, byte[] raw, CancellationToken cancellationToken);
}

/// <summary>What a replay came to.</summary>
/// <param name="Published">Events that are in the broker.</param>
/// <param name="Refusal">Why there is none; null otherwise.</param>
internal sealed record Replayed(int Published, string? Refusal = null);

/// <summary>Publishes a dead letter to its first topic, byte for byte: same id, source and chain. The ledgers of its subscribers know what they have done for it.</summary>
internal sealed class ReplayDeadLetter(DaprClient dapr) : IReplay
{
    public async Task<Replayed> ReplayAsync(KeptMessage message, byte[] raw, CancellationToken cancellationToken)
    {
        if (message is not { Event: not null, Topic: { } topic } || topic == Topics.DeadLetters)
        {
            return new(0, message.Event is null ? message.Reason : "It names no topic that it could go back to.");
        }

        await dapr.PublishByteEventAsync(Topics.PubSub, topic, raw, "application/cloudevents+json", cancellationToken: cancellationToken);
        return new(1);
    }
}

/// <summary>Reads quarantined bytes again, as this version reads a request, and publishes the events if all can be read now.</summary>
internal sealed class ReplayQuarantined(EventPublisher publisher) : IReplay
{
    public async Task<Replayed> ReplayAsync(KeptMessage message, byte[] raw, CancellationToken cancellationToken)
    {
        var headers = new HeaderDictionary { [HeaderNames.ContentType] = message.ContentType };
        foreach (var (name, value) in message.Headers)
        {
            headers[name] = value;
        }

        var (read, fault) = RequestReader.Read(headers, raw);
        if (fault is not null || read.Unreadable is [_, ..] || read.Events is [])
        {
            // All or nothing: the readable part of it would otherwise be published with each further replay.
            return new(0, fault ?? (read.Unreadable is [var first, ..] ? first.Reason : "It holds no event."));
        }

        await publisher.PublishAsync(read, headers, cancellationToken);
        return new(read.Events.Count);
    }
}
