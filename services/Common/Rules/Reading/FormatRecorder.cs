namespace MLEvents.Rules.Reading;

/// <summary>Records the keys that the readers read, by kind of mapping. The result is the rule format.</summary>
internal sealed class FormatRecorder
{
    private readonly SortedDictionary<string, SortedDictionary<string, KeyShape>> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _required = [];

    /// <summary>The kinds of mappings, and the keys of each with their schema.</summary>
    public IReadOnlyDictionary<string, SortedDictionary<string, KeyShape>> Places => _keys;

    /// <summary>The required keys of a kind of mapping.</summary>
    public IReadOnlyList<string> RequiredIn(string place) => _required.TryGetValue(place, out var keys) ? [.. keys.Order(StringComparer.Ordinal)] : [];

    /// <summary>Records a key that was read.</summary>
    public void Record(string place, string key, KeyShape? shape)
    {
        var keys = KeysOf(place);
        if (shape is not null || !keys.ContainsKey(key))
        {
            keys[key] = shape ?? KeyShape.Anything;
        }
    }

    /// <summary>Records a required key.</summary>
    public void RecordRequired(string place, string key)
    {
        if (!_required.TryGetValue(place, out var keys))
        {
            _required[place] = keys = [];
        }

        keys.Add(key);
    }

    /// <summary>Adds the keys of another recorder. In a kind of mapping that both recorders have, a key is required only if both recorders require it.</summary>
    public void Add(FormatRecorder other)
    {
        foreach (var place in other.Places.Keys)
        {
            if (!_keys.ContainsKey(place))
            {
                _required[place] = [.. other.RequiredIn(place)];
            }
            else if (_required.TryGetValue(place, out var required))
            {
                required.IntersectWith(other.RequiredIn(place));
            }

            foreach (var (key, shape) in other.Places[place].Where(key => key.Value != KeyShape.Anything || !KeysOf(place).ContainsKey(key.Key)))
            {
                KeysOf(place)[key] = shape;
            }
        }
    }

    private SortedDictionary<string, KeyShape> KeysOf(string place)
    {
        if (!_keys.TryGetValue(place, out var keys))
        {
            _keys[place] = keys = new(StringComparer.Ordinal);
        }

        return keys;
    }
}
