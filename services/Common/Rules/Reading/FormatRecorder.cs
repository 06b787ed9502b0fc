namespace MLEvents.Rules.Reading;

/// <summary>Notes for which keys the readers ask, in which kind of mapping: the rule format as it is in force.</summary>
internal sealed class FormatRecorder
{
    private readonly SortedDictionary<string, SortedDictionary<string, KeyShape>> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _required = [];

    /// <summary>The kinds of mappings, and the keys of each with what the schema says of them.</summary>
    public IReadOnlyDictionary<string, SortedDictionary<string, KeyShape>> Places => _keys;

    /// <summary>The keys that must be there.</summary>
    public IReadOnlyList<string> RequiredIn(string place) => _required.TryGetValue(place, out var keys) ? [.. keys.Order(StringComparer.Ordinal)] : [];

    /// <summary>Notes that a key was asked for.</summary>
    public void Note(string place, string key, KeyShape? shape)
    {
        var keys = KeysOf(place);
        if (shape is not null || !keys.ContainsKey(key))
        {
            keys[key] = shape ?? KeyShape.Anything;
        }
    }

    /// <summary>Notes that a key must be there.</summary>
    public void NoteRequired(string place, string key)
    {
        if (!_required.TryGetValue(place, out var keys))
        {
            _required[place] = keys = [];
        }

        keys.Add(key);
    }

    /// <summary>Adds what another reading asked for; what only one of them requires is not required.</summary>
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
