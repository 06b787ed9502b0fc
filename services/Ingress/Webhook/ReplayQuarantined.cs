using Microsoft.Net.Http.Headers;

using MLEvents.Events;
using MLEvents.Events.Reading;
using MLEvents.Ingress.DeadLetters;

namespace MLEvents.Ingress.Webhook;

/// <summary>Reads quarantined bytes as this version reads a request, and publishes the events if all of them can be read now.</summary>
internal sealed class ReplayQuarantined(RequestReader reader, EventPublisher publisher, ReplayTokens tokens) : IReplay
{
    public async Task<Replayed> ReplayAsync(StoredMessage message, byte[] raw, string? force, CancellationToken cancellationToken)
    {
        var headers = new HeaderDictionary { [HeaderNames.ContentType] = message.ContentType };
        foreach (var (name, value) in message.Headers)
        {
            headers[name] = value;
        }

        var (read, fault) = reader.Read(headers, raw);
        if (fault is not null || read.Unreadable is [_, ..] || read.Events is [])
        {
            // All or nothing: the readable part would otherwise be published again with each further replay.
            return new(0, fault?.Detail ?? (read.Unreadable is [var first, ..] ? first.Reason : "It holds no event."));
        }

        EventEnvelope[] events = [.. read.Events.Select(envelope => envelope with { Json = ForcedReplay.Mark(envelope.Json, force) })];
        foreach (var envelope in events)
        {
            await tokens.IssueAsync(force, envelope.Source, envelope.Id, cancellationToken);
        }

        await publisher.PublishAsync(new EventBatch(events, []), headers, cancellationToken);
        return new(events.Length);
    }
}
