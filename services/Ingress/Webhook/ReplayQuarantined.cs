using Microsoft.Net.Http.Headers;

using MLEvents.Events;
using MLEvents.Events.Reading;
using MLEvents.Ingress.DeadLetters;
using MLEvents.Ingress.Senders;

namespace MLEvents.Ingress.Webhook;

/// <summary>
/// Reads quarantined bytes as if they were a new request to this version of the service, and publishes the events if all of them can be read.
/// </summary>
internal sealed class ReplayQuarantined(RequestReader reader, EventPublisher publisher, SenderDirectory senders, ReplayTokens tokens) : IReplay
{
    public async Task<Replayed> ReplayAsync(StoredMessage message, byte[] raw, string? force, CancellationToken cancellationToken)
    {
        var headers = new HeaderDictionary { [HeaderNames.ContentType] = message.ContentType };
        foreach (var (name, value) in message.Headers)
        {
            headers[name] = value;
        }

        var senderName = message.Headers.GetValueOrDefault(Quarantined.SenderHeader);
        var sender = senderName is null ? null : senders.Find(senderName);
        if (sender is null && senderName is not (null or Sender.DefaultName))
        {
            return new(0, $"The message's sender '{senderName}' is not in Ingress:Senders any more, so it is unknown for which workspaces this sender may send events.");
        }

        var (read, fault) = reader.Read(headers, raw, sender);
        if (fault is not null || read.Unreadable is [_, ..] || read.Events is [])
        {
            // All or nothing: otherwise, each further replay would publish the readable events again.
            return new(0, fault?.Detail ?? (read.Unreadable is [var first, ..] ? first.Reason : "The message contains no event."));
        }

        EventEnvelope[] events = [.. read.Events.Select(envelope => envelope with { Json = ForcedReplay.Mark(envelope.Json, force) })];
        foreach (var envelope in events)
        {
            await tokens.IssueAsync(force, envelope.Source, envelope.Id, cancellationToken);
        }

        await publisher.PublishAsync(new EventBatch(events, []), headers, sender, cancellationToken);
        return new(events.Length);
    }
}
