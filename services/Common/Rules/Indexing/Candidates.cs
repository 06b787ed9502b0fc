namespace MLEvents.Rules.Indexing;

/// <summary>Collects the positions of the rules that the parts of an index find for one event. Allocates nothing before the first position.</summary>
internal sealed class Candidates
{
    private List<int>? _positions;

    /// <summary>Adds positions; repetitions are allowed.</summary>
    public void Add(List<int> positions)
    {
        if (positions.Count > 0)
        {
            (_positions ??= []).AddRange(positions);
        }
    }

    /// <summary>All positions, ascending and without repetitions.</summary>
    public IReadOnlyList<int> InOrder()
    {
        if (_positions is null)
        {
            return [];
        }

        _positions.Sort();
        var kept = 0;
        for (var next = 0; next < _positions.Count; next++)
        {
            if (next == 0 || _positions[next] != _positions[next - 1])
            {
                _positions[kept++] = _positions[next];
            }
        }

        _positions.RemoveRange(kept, _positions.Count - kept);
        return _positions;
    }
}
