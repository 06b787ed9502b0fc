namespace MLEvents.Local.Simulator.Control;

/// <summary>The most recent items, limited in number and in size together. Callers guard it.</summary>
internal sealed class Recent<T>(int most, long mostBytes, Func<T, long> size)
{
    private readonly Queue<T> _items = new();
    private long _bytes;

    /// <summary>The items, oldest first.</summary>
    public IEnumerable<T> Items => _items;

    /// <summary>Adds an item; the oldest make room for it. The newest is kept whatever its size.</summary>
    public void Add(T item)
    {
        _items.Enqueue(item);
        _bytes += size(item);
        while (_items.Count > most || (_bytes > mostBytes && _items.Count > 1))
        {
            _bytes -= size(_items.Dequeue());
        }
    }

    /// <summary>Removes all.</summary>
    public void Clear()
    {
        _items.Clear();
        _bytes = 0;
    }
}
