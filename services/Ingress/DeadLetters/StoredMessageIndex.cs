using System.Globalization;

using Dapr.Client;

using MLEvents.State;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>
/// Lists ids by their age in segments of bounded size, so that a write never costs more, however many are listed: a head that says which segment is
/// the newest, and the segments. A segment that expired ends the list, for all before it are older.
/// </summary>
internal sealed class StoredMessageIndex(DaprClient dapr, string store, string name, TimeSpan retention)
{
    /// <summary>Ids in a segment, after which the next is begun.</summary>
    public const int Capacity = 50;

    private readonly StateDocument<Head> _head = new(dapr, store, $"{name}-index");

    /// <summary>The segment that new ids go to.</summary>
    public async Task<int> NewestAsync(CancellationToken cancellationToken) => (await _head.FindAsync(cancellationToken))?.Value.Newest ?? 0;

    /// <summary>Lists an id in a segment, once.</summary>
    public async Task AddAsync(int segment, string id, CancellationToken cancellationToken)
    {
        var ids = await SegmentOf(segment).UpdateAsync(stored => stored?.Contains(id) == true ? null : [.. stored ?? [], id], TimeToLive.After(retention), cancellationToken);
        if (ids?.Count >= Capacity)
        {
            await _head.UpdateAsync(stored => (stored?.Newest ?? 0) > segment ? null : new Head(segment + 1), TimeToLive.Unset, cancellationToken);
        }
    }

    /// <summary>The ids of a segment, the oldest first; null if it is not there.</summary>
    public async Task<List<string>?> ReadAsync(int segment, CancellationToken cancellationToken) => (await SegmentOf(segment).FindAsync(cancellationToken))?.Value;

    private StateDocument<List<string>> SegmentOf(int segment) => new(dapr, store, string.Create(CultureInfo.InvariantCulture, $"{name}-index-{segment}"));

    internal sealed record Head(int Newest);
}

/// <summary>Where a page of a list begins: within a segment, from an entry downwards.</summary>
internal readonly record struct StoredPosition(int Segment, int Before)
{
    /// <summary>Reads a continuation token.</summary>
    /// <returns>Null if it is none.</returns>
    public static StoredPosition? Parse(string token) =>
        token.Split('.') is [var segment, var before] && Number(segment) is { } first && Number(before) is { } second ? new(first, second) : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Segment}.{Before}");

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
