using MLEvents.Events;

namespace MLEvents.Rules.Conditions;

/// <summary>A part of a condition.</summary>
internal abstract class ConditionNode
{
    public abstract bool Matches(WorkflowEvent workflowEvent);

    public abstract Explanation Explain(WorkflowEvent workflowEvent);

    /// <summary>Filters of Event Grid for this part. Each event that the part matches passes at least one of the filters. Other events may pass too.</summary>
    public virtual IReadOnlyList<FilterAlternative> FilterAlternatives() => [FilterAlternative.Unrestricted];

    /// <summary>The event types that this part names, even if its list of types also contains <c>All</c>. A negated part names no type.</summary>
    public virtual IEnumerable<string> NamedTypes() => [];

    protected static Explanation Leaf(string what, bool matched, string why) => new(what, matched, why, []);
}

/// <summary>Holds when every part holds.</summary>
internal sealed class AllOf(IReadOnlyList<ConditionNode> parts) : ConditionNode
{
    public override bool Matches(WorkflowEvent workflowEvent)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (!parts[i].Matches(workflowEvent))
            {
                return false;
            }
        }

        return true;
    }

    public override Explanation Explain(WorkflowEvent workflowEvent)
    {
        var explained = parts.Select(part => part.Explain(workflowEvent)).ToList();
        var held = explained.Count(part => part.Matched);
        return new Explanation("all", held == explained.Count, explained.Count == 0 ? "it has no parts" : $"{held} of {explained.Count} hold", explained);
    }

    public override IReadOnlyList<FilterAlternative> FilterAlternatives() => parts.Aggregate<ConditionNode, IReadOnlyList<FilterAlternative>>([FilterAlternative.Unrestricted], (all, part) => FilterAlternative.Conjunction(all, part.FilterAlternatives()));

    public override IEnumerable<string> NamedTypes() => parts.SelectMany(part => part.NamedTypes());
}

/// <summary>Holds when at least one part holds.</summary>
internal sealed class AnyOf(IReadOnlyList<ConditionNode> parts) : ConditionNode
{
    public override bool Matches(WorkflowEvent workflowEvent)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].Matches(workflowEvent))
            {
                return true;
            }
        }

        return false;
    }

    public override Explanation Explain(WorkflowEvent workflowEvent)
    {
        var explained = parts.Select(part => part.Explain(workflowEvent)).ToList();
        var held = explained.Count(part => part.Matched);
        return new Explanation("any", held > 0, $"{held} of {explained.Count} hold", explained);
    }

    public override IReadOnlyList<FilterAlternative> FilterAlternatives() => FilterAlternative.Limit([.. parts.SelectMany(part => part.FilterAlternatives())]);

    public override IEnumerable<string> NamedTypes() => parts.SelectMany(part => part.NamedTypes());
}

/// <summary>Holds when its part does not hold.</summary>
internal sealed class Not(ConditionNode part) : ConditionNode
{
    public override bool Matches(WorkflowEvent workflowEvent) => !part.Matches(workflowEvent);

    public override Explanation Explain(WorkflowEvent workflowEvent)
    {
        var explained = part.Explain(workflowEvent);
        return new Explanation("not", !explained.Matched, explained.Matched ? "its part holds" : "its part does not hold", [explained]);
    }
}
