using MLEvents.Events;
using MLEvents.Rules.Conditions;

namespace MLEvents.Rules.Indexing;

/// <summary>Finds the rules whose condition can hold for an event, without evaluating every rule.</summary>
/// <remarks>
/// Conditions are indexed by their requirements: the event's type, and then an equality with one key of the data or a prefix of the subject. A candidate's
/// condition is still evaluated. Too many candidates therefore make the index slow, and a missing candidate makes it wrong.
/// </remarks>
internal sealed class RuleIndex
{
    private readonly IndexBucket _anyType;
    private readonly Dictionary<string, IndexBucket> _byType;

    private RuleIndex(IndexBucket anyType, Dictionary<string, IndexBucket> byType) => (_anyType, _byType) = (anyType, byType);

    /// <summary>Indexes the enabled rules of a list.</summary>
    /// <param name="rules">The rules; a candidate is a position in this list.</param>
    public static RuleIndex Create(IReadOnlyList<Rule> rules)
    {
        var entries = rules.SelectMany((rule, position) => rule.Enabled ? rule.When.FilterAlternatives().Select(alternative => new IndexEntry(position, alternative)) : []).ToList();
        var byType = entries
            .SelectMany(entry => (entry.Alternative.Types ?? []).Distinct().Select(type => (Type: type, Entry: entry)))
            .GroupBy(typed => typed.Type, typed => typed.Entry, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => IndexBucket.Create([.. group]), StringComparer.Ordinal);
        return new(IndexBucket.Create([.. entries.Where(entry => entry.Alternative.Types is null)]), byType);
    }

    /// <summary>The positions of the rules whose condition can hold for an event, ascending and without repetitions.</summary>
    public IReadOnlyList<int> CandidatesFor(WorkflowEvent workflowEvent)
    {
        var found = new Candidates();
        _anyType.Collect(workflowEvent, found);
        if (_byType.TryGetValue(workflowEvent.Type, out var bucket))
        {
            bucket.Collect(workflowEvent, found);
        }

        return found.InOrder();
    }
}

/// <summary>One alternative of a rule's condition.</summary>
/// <param name="Position">The rule's position in its file.</param>
/// <param name="Alternative">The requirements of the alternative.</param>
internal readonly record struct IndexEntry(int Position, FilterAlternative Alternative);
