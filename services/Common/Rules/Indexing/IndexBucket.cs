using MLEvents.Events;
using MLEvents.Rules.Conditions;

namespace MLEvents.Rules.Indexing;

/// <summary>The conditions that require the same event type, or the conditions that require no event type, indexed by their other requirements.</summary>
internal sealed class IndexBucket
{
    private readonly Dictionary<string, EqualityIndex> _equalities = new(StringComparer.OrdinalIgnoreCase);
    private readonly PrefixIndex _prefixes = new();
    private readonly List<int> _others = [];

    /// <summary>Indexes each entry by its most selective requirement: the one whose key has the most values in the bucket.</summary>
    public static IndexBucket Create(IReadOnlyList<IndexEntry> entries)
    {
        var bucket = new IndexBucket();
        var values = entries
            .SelectMany(entry => Equalities(entry.Alternative))
            .GroupBy(KeyOf, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.Select(filter => filter.Test.ToString()).Distinct(StringComparer.OrdinalIgnoreCase).Count(), StringComparer.OrdinalIgnoreCase);
        var prefixes = entries.Select(entry => entry.Alternative.BeginsWith).Where(prefix => prefix.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase).Count();
        foreach (var entry in entries)
        {
            bucket.Add(entry, Equalities(entry.Alternative).MaxBy(filter => values[KeyOf(filter)]) is { } best && (values[KeyOf(best)] >= prefixes || entry.Alternative.BeginsWith.Length == 0) ? best : null);
        }

        return bucket;
    }

    /// <summary>Adds the positions of the conditions that can hold for an event.</summary>
    public void Collect(WorkflowEvent workflowEvent, Candidates found)
    {
        found.Add(_others);
        _prefixes.Collect(workflowEvent.Subject, found);
        foreach (var equality in _equalities.Values)
        {
            equality.Collect(workflowEvent, found);
        }
    }

    private void Add(IndexEntry entry, AdvancedFilter? equality)
    {
        if (equality is not null)
        {
            var key = KeyOf(equality);
            if (!_equalities.TryGetValue(key, out var index))
            {
                _equalities[key] = index = new EqualityIndex(equality.Key);
            }

            index.Add(equality, entry.Position);
        }
        else if (entry.Alternative.BeginsWith.Length > 0)
        {
            _prefixes.Add(entry.Alternative.BeginsWith, entry.Position);
        }
        else
        {
            _others.Add(entry.Position);
        }
    }

    private static IEnumerable<AdvancedFilter> Equalities(FilterAlternative alternative) => alternative.Filters.Where(EqualityIndex.Takes);

    private static string KeyOf(AdvancedFilter filter) => filter.Key.InEventGrid ?? filter.Key.ToString();
}
