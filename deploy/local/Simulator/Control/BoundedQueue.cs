namespace MLEvents.Local.Simulator.Control;

/// <summary>The most recent items, limited in number and in size together. Callers guard it.</summary>
internal sealed class BoundedQueue<T>(int most, long mostBytes, Func<T, long> size)
{
    private readonly Queue<T> _items = new();
    private long _bytes;

    /// <summary>The items, oldest first.</summary>
    public IReadOnlyCollection<T> Items => _items;

    /// <summary>How many had to make room.</summary>
    public int Dropped { get; private set; }

    /// <summary>Adds an item; the oldest, which are returned, make room for it. The newest is kept whatever its size.</summary>
    public List<T> Add(T item)
    {
        _items.Enqueue(item);
        _bytes += size(item);
        var dropped = new List<T>();
        while (_items.Count > most || (_bytes > mostBytes && _items.Count > 1))
        {
            var oldest = _items.Dequeue();
            _bytes -= size(oldest);
            dropped.Add(oldest);
        }

        Dropped += dropped.Count;
        return dropped;
    }

    /// <summary>Removes all.</summary>
    public void Clear()
    {
        _items.Clear();
        (_bytes, Dropped) = (0, 0);
    }
}
