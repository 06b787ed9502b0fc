using System.Globalization;

using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.State;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>The stored messages of one kind, quarantine or dead letters, in a Dapr state store. The store must support get, save and ETags.</summary>
/// <remarks>
/// The bytes are written first, then the record, then the index. A message is acknowledged only when all three are stored. After a crash, the redelivery stores
/// what is missing.
/// </remarks>
internal sealed class DeadLetterStore
{
    // Some stores accept at most 1 or 2 MB for an item. A chunk has 700 KB in base64.
    private const int ChunkBytes = 512 * 1024;
    private const int SegmentsPerRead = 40;

    private readonly DaprClient _dapr;
    private readonly string _name;
    private readonly DeadLetterOptions _options;
    private readonly TimeProvider _time;
    private readonly StoredMessageIndex _index;

    /// <summary>Creates the store of a kind.</summary>
    /// <param name="name">The kind. It is part of the keys. After a rename, the store no longer finds the messages that it stored before.</param>
    /// <param name="dapr">The sidecar.</param>
    /// <param name="options">The settings.</param>
    /// <param name="time">The clock.</param>
    public DeadLetterStore(string name, DaprClient dapr, IOptions<DeadLetterOptions> options, TimeProvider time)
    {
        (_name, _dapr, _options, _time) = (name, dapr, options.Value, time);
        _index = new StoredMessageIndex(dapr, _options.StateStore, name, _options.Retention);
    }

    /// <summary>Stores a message. A message that is already stored gets no second record. A replayed message becomes open again.</summary>
    /// <returns>A task that completes when the message is durable and listed. Only then may it be acknowledged.</returns>
    /// <exception cref="Dapr.DaprException">The state store is unavailable; the message must be redelivered.</exception>
    /// <exception cref="InvalidOperationException">A newer version of the service wrote the record of the message; the message must be redelivered.</exception>
    public async Task StoreAsync(StoredMessage message, ReadOnlyMemory<byte> raw, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var timeToLive = TimeToLiveOf(now);
        var bytes = StoredMessage.IdOf(raw.Span);
        await WriteBytesAsync(message.Id, bytes, raw, timeToLive, cancellationToken);
        var segment = await _index.NewestAsync(cancellationToken);
        if (await RecordOf(message.Id).UpdateAsync(Received, timeToLive, cancellationToken) is not { IsKnown: true } record)
        {
            throw new InvalidOperationException($"Message {message.Id} was not stored: its record was written by a newer version. A replica of that version must receive the message.");
        }

        await _index.AddAsync(record.Segment, record.Id, cancellationToken);

        // Deliveries of an open message are counted too. A message that arrives again during its replay therefore stays open after the replay is recorded.
        StoredMessage? Received(StoredMessage? stored) => stored switch
        {
            null => (message with { ReceivedAt = now, Segment = segment }).WithDelivery(now, raw.Length, bytes, segment),
            { IsKnown: true } => stored.WithDelivery(now, raw.Length, bytes, segment),
            _ => null,
        };
    }

    /// <summary>Finds a stored message; null if there is none with that id.</summary>
    public async Task<StoredMessage?> FindAsync(string id, CancellationToken cancellationToken) =>
        StoredMessage.IsId(id) ? (await RecordOf(id).FindAsync(cancellationToken))?.Value : null;

    /// <summary>The bytes of a stored message; null if they no longer exist.</summary>
    public async Task<byte[]?> ReadBytesAsync(StoredMessage message, CancellationToken cancellationToken)
    {
        var raw = new byte[message.Size];
        for (var (chunk, start) = (0, 0); start < raw.Length; chunk++, start += ChunkBytes)
        {
            if (await _dapr.GetStateAsync<byte[]?>(_options.StateStore, KeyOf(message.Id, message.Bytes, chunk), cancellationToken: cancellationToken) is not { } bytes)
            {
                return null;
            }

            bytes.CopyTo(raw, start);
        }

        return raw;
    }

    /// <summary>Records that a message was replayed.</summary>
    /// <param name="message">The message as it was when the replay began. If it has arrived again since then, it stays open.</param>
    /// <param name="by">The operator of the replay.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The message after the change, unchanged if a newer version wrote its record; null if it no longer exists.</returns>
    public Task<StoredMessage?> ReplayedAsync(StoredMessage message, Intervention? by, CancellationToken cancellationToken) => RecordOf(message.Id).UpdateAsync(
        stored => stored is { IsKnown: true } ? stored with { ReplayedAt = _time.GetUtcNow(), ReplayedReceipts = message.Receipts, ReplayedBy = by } : null, TimeToLiveOf(message.LastReceivedAt), cancellationToken);

    /// <summary>Lists messages, the newest first.</summary>
    /// <param name="limit">The largest number of messages, at least 1. A page may hold fewer messages although another page follows.</param>
    /// <param name="continuation">The continuation of the previous page; null for the first page.</param>
    /// <param name="fits">Selects the messages.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="FormatException">The continuation is not valid.</exception>
    public async Task<StoredMessagePage> ListAsync(int limit, string? continuation, Func<StoredMessage, bool> fits, CancellationToken cancellationToken)
    {
        var newest = await _index.NewestAsync(cancellationToken);
        var from = continuation is null ? new StoredPosition(newest, int.MaxValue) : StoredPosition.Parse(continuation) ?? throw new FormatException($"'continuation' is not valid: '{continuation}'; use the continuation of an earlier answer, or leave it out for the first page.");
        var items = new List<StoredMessage>();
        for (var (segment, looked) = (Math.Min(from.Segment, newest), 0); segment >= 0; segment--, looked++)
        {
            var ids = await _index.ReadAsync(segment, cancellationToken);
            if (looked == SegmentsPerRead || (ids is null && segment < newest))
            {
                return new StoredMessagePage(items, ids is null ? null : new StoredPosition(segment, int.MaxValue).ToString());
            }

            var before = segment == from.Segment ? from.Before : int.MaxValue;
            if (await FillAsync(items, limit, segment, [.. (ids ?? []).Take(before)], fits, cancellationToken) is { } rest)
            {
                return new StoredMessagePage(items, new StoredPosition(segment, rest).ToString());
            }
        }

        return new StoredMessagePage(items, null);
    }

    // Returns how many of the segment's entries are left when the page is full; null when all were read.
    private async Task<int?> FillAsync(List<StoredMessage> items, int limit, int segment, List<string> ids, Func<StoredMessage, bool> fits, CancellationToken cancellationToken)
    {
        var records = ids.Count == 0 ? [] : await _dapr.GetBulkStateAsync<StoredMessage?>(_options.StateStore, [.. ids.Select(id => KeyOf(id))], parallelism: null, cancellationToken: cancellationToken);
        var byId = records.Where(record => record.Value is not null).ToDictionary(record => record.Key, record => record.Value);
        for (var left = ids.Count; left > 0; left--)
        {
            // A message is listed only in the segment that its record names. An expired message is not listed.
            if (byId.GetValueOrDefault(KeyOf(ids[left - 1])) is not { } message || message.Segment != segment || !fits(message))
            {
                continue;
            }

            if (items.Count == limit)
            {
                return left;
            }

            items.Add(message);
        }

        return null;
    }

    private async Task WriteBytesAsync(string id, string bytes, ReadOnlyMemory<byte> raw, TimeToLive timeToLive, CancellationToken cancellationToken)
    {
        for (var (chunk, start) = (0, 0); start < raw.Length; chunk++, start += ChunkBytes)
        {
            var part = raw[start..Math.Min(raw.Length, start + ChunkBytes)].ToArray();
            await _dapr.SaveStateAsync(_options.StateStore, KeyOf(id, bytes, chunk), part, metadata: timeToLive.ToMetadata(), cancellationToken: cancellationToken);
        }
    }

    private StateDocument<StoredMessage> RecordOf(string id) => new(_dapr, _options.StateStore, KeyOf(id));

    private TimeToLive TimeToLiveOf(DateTimeOffset receivedAt) => TimeToLive.After(receivedAt + _options.Retention - _time.GetUtcNow());

    private string KeyOf(string id) => $"{_name}-{id}";

    private string KeyOf(string id, string? bytes, int chunk) => string.Create(CultureInfo.InvariantCulture, $"{_name}-{id}-{(bytes is null ? "" : $"{bytes}-")}{chunk}");
}
