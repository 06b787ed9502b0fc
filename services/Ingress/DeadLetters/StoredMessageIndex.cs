using System.Globalization;

using Dapr.Client;

using MLEvents.State;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>
/// Lists ids by their age in segments of bounded size, so that the cost of a write does not grow with the number of ids. A head document names the newest
/// segment. An expired segment ends the list, because all segments before it are older.
/// </summary>
internal sealed class StoredMessageIndex(DaprClient dapr, string store, string name, TimeSpan retention)
{
    /// <summary>The number of ids in a segment before the next segment starts.</summary>
    public const int Capacity = 50;

    private readonly StateDocument<Head> _head = new(dapr, store, $"{name}-index");

    /// <summary>The segment for new ids.</summary>
    public async Task<int> NewestAsync(CancellationToken cancellationToken) => (await _head.FindAsync(cancellationToken))?.Value.Newest ?? 0;

    /// <summary>Lists an id in a segment; does nothing if it is already listed.</summary>
    public async Task AddAsync(int segment, string id, CancellationToken cancellationToken)
    {
        var ids = await SegmentOf(segment).UpdateAsync(stored => stored?.Contains(id) == true ? null : [.. stored ?? [], id], TimeToLive.After(retention), cancellationToken);
        if (ids?.Count >= Capacity)
        {
            await _head.UpdateAsync(stored => (stored?.Newest ?? 0) > segment ? null : new Head(segment + 1), TimeToLive.Unset, cancellationToken);
        }
    }

    /// <summary>The ids of a segment, the oldest first; null if the segment does not exist.</summary>
    public async Task<List<string>?> ReadAsync(int segment, CancellationToken cancellationToken) => (await SegmentOf(segment).FindAsync(cancellationToken))?.Value;

    private StateDocument<List<string>> SegmentOf(int segment) => new(dapr, store, string.Create(CultureInfo.InvariantCulture, $"{name}-index-{segment}"));

    internal sealed record Head(int Newest);
}

/// <summary>The start of a page of a list: a segment, and how many of its entries, counted from the oldest, are not listed yet.</summary>
internal readonly record struct StoredPosition(int Segment, int Before)
{
    /// <summary>Reads a continuation token.</summary>
    /// <returns>Null if the token is not valid.</returns>
    public static StoredPosition? Parse(string token) =>
        token.Split('.') is [var segment, var before] && Number(segment) is { } first && Number(before) is { } second ? new(first, second) : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Segment}.{Before}");

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
