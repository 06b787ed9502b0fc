using System.Buffers;
using System.Text.Json;

using Dapr.Client;

using Microsoft.Net.Http.Headers;

using MLEvents.Events;
using MLEvents.Ingress.Reading;
using MLEvents.State;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>Puts a kept message into the broker again.</summary>
internal interface IReplay
{
    /// <param name="message">What is kept of it.</param>
    /// <param name="raw">Its bytes.</param>
    /// <param name="force">The token by which what was done for the events is done again; null to leave that.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>How many events were published, or why none could be.</returns>
    /// <exception cref="Dapr.DaprException">The broker is away.</exception>
    Task<Replayed> ReplayAsync(StoredMessage message, byte[] raw, string? force, CancellationToken cancellationToken);
}

/// <summary>What a replay came to.</summary>
/// <param name="Published">Events that are in the broker.</param>
/// <param name="Refusal">Why there is none; null otherwise.</param>
internal sealed record Replayed(int Published, string? Refusal = null);

/// <summary>Publishes a dead letter to its first topic, byte for byte, but for the mark of a forced replay: same id, source and chain. The ledgers of its subscribers know what they have done for it.</summary>
internal sealed class ReplayDeadLetter(DaprClient dapr) : IReplay
{
    public async Task<Replayed> ReplayAsync(StoredMessage message, byte[] raw, string? force, CancellationToken cancellationToken)
    {
        if (message is not { Event: not null, Topic: { } topic } || topic == Topics.DeadLetters)
        {
            return new(0, message.Event is null ? message.Reason : "It names no topic that it could go back to.");
        }

        await dapr.PublishByteEventAsync(Topics.PubSub, topic, WithForce(raw, force), "application/cloudevents+json", cancellationToken: cancellationToken);
        return new(1);
    }

    private static byte[] WithForce(byte[] envelope, string? force)
    {
        using var document = JsonDocument.Parse(envelope, JsonLimits.Document);
        if (force is null && !document.RootElement.TryGetProperty(ForcedReplay.Attribute, out _))
        {
            return envelope;
        }

        var written = new ArrayBufferWriter<byte>(envelope.Length + 64);
        using (var writer = new Utf8JsonWriter(written))
        {
            writer.WriteStartObject();
            foreach (var member in document.RootElement.EnumerateObject().Where(member => member.Name != ForcedReplay.Attribute))
            {
                member.WriteTo(writer);
            }

            if (force is not null)
            {
                writer.WriteString(ForcedReplay.Attribute, force);
            }

            writer.WriteEndObject();
        }

        return written.WrittenSpan.ToArray();
    }
}

/// <summary>Reads quarantined bytes again, as this version reads a request, and publishes the events if all can be read now.</summary>
internal sealed class ReplayQuarantined(EventPublisher publisher) : IReplay
{
    public async Task<Replayed> ReplayAsync(StoredMessage message, byte[] raw, string? force, CancellationToken cancellationToken)
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

        foreach (var published in force is null ? [] : read.Events)
        {
            published.Attributes[ForcedReplay.Attribute] = JsonSerializer.SerializeToElement(force);
        }

        await publisher.PublishAsync(read, headers, cancellationToken);
        return new(read.Events.Count);
    }
}
