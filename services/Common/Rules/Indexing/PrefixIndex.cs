namespace MLEvents.Rules.Indexing;

/// <summary>Finds the conditions whose required prefix is the beginning of an event's subject. The index ignores letter case; the conditions themselves check it.</summary>
internal sealed class PrefixIndex
{
    private readonly Dictionary<string, List<int>> _byPrefix = new(StringComparer.OrdinalIgnoreCase);
    private readonly SortedSet<int> _lengths = [];

    /// <summary>Adds a condition.</summary>
    public void Add(string prefix, int position)
    {
        if (!_byPrefix.TryGetValue(prefix, out var positions))
        {
            _byPrefix[prefix] = positions = [];
        }

        positions.Add(position);
        _lengths.Add(prefix.Length);
    }

    /// <summary>Adds the positions of the conditions whose prefix matches the subject.</summary>
    public void Collect(string subject, Candidates found)
    {
        if (_byPrefix.Count == 0)
        {
            return;
        }

        var lookup = _byPrefix.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var length in _lengths)
        {
            if (length > subject.Length)
            {
                return;
            }

            if (lookup.TryGetValue(subject.AsSpan(0, length), out var positions))
            {
                found.Add(positions);
            }
        }
    }
}
