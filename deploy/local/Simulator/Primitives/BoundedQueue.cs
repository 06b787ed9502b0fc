namespace MLEvents.Local.Simulator.Primitives;

/// <summary>The most recent items, limited in number and in total size. Not thread-safe.</summary>
internal sealed class BoundedQueue<T>(int maxItems, long maxBytes, Func<T, long> size)
{
    private readonly Queue<T> _items = new();
    private long _bytes;

    /// <summary>The items, oldest first.</summary>
    public IReadOnlyCollection<T> Items => _items;

    /// <summary>Number of items removed to make room since the queue was created or cleared.</summary>
    public int Dropped { get; private set; }

    /// <summary>
    /// Adds an item and returns the oldest items that were removed to make room. The newest item always stays, even if it exceeds the maximum size.
    /// </summary>
    public List<T> Add(T item)
    {
        _items.Enqueue(item);
        _bytes += size(item);
        var dropped = new List<T>();
        while (_items.Count > maxItems || (_bytes > maxBytes && _items.Count > 1))
        {
            var oldest = _items.Dequeue();
            _bytes -= size(oldest);
            dropped.Add(oldest);
        }

        Dropped += dropped.Count;
        return dropped;
    }

    /// <summary>Removes all items.</summary>
    public void Clear()
    {
        _items.Clear();
        (_bytes, Dropped) = (0, 0);
    }
}
