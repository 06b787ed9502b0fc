using MLEvents.Events;

namespace MLEvents.Rules.Conditions;

/// <summary>One entry of <c>advancedFilters</c> in a filter.</summary>
/// <param name="operation">The operator.</param>
/// <param name="key">The key.</param>
/// <param name="test">The comparison with the filter's values.</param>
/// <param name="arrays">Whether an array is compared element by element. If not, an array matches none of the filter's values.</param>
internal sealed class AdvancedFilter(FilterOperator operation, EventKey key, ValueTest test, bool arrays) : ConditionNode
{
    /// <summary>The largest number of advanced filters of an Event Grid subscription.</summary>
    public const int MaxFilters = 25;

    /// <summary>The largest number of values over all advanced filters of an Event Grid subscription.</summary>
    public const int MaxValues = 25;

    /// <summary>The operator.</summary>
    public FilterOperator Operation => operation;

    /// <summary>The key.</summary>
    public EventKey Key => key;

    /// <summary>The comparison with the filter's values.</summary>
    public ValueTest Test => test;

    /// <summary>Whether an array is compared element by element.</summary>
    public bool Arrays => arrays;

    public override bool Matches(WorkflowEvent workflowEvent) => Holds(key.Find(workflowEvent));

    public override Explanation Explain(WorkflowEvent workflowEvent)
    {
        var value = key.Find(workflowEvent);
        var hint = value.IsArray && !arrays ? ", an array, and enableAdvancedFilteringOnArrays is off" : "";
        return Leaf($"{key} {operation.Name} {test}".TrimEnd(), Holds(value), value.IsMissing ? $"{key} is missing" : $"{key} is {value}{hint}");
    }

    // A negated operator that compares values adds no filter, because the documentation does not say how Event Grid treats a value of another type.
    // Such a filter could reject an event that the condition matches.
    public override IReadOnlyList<FilterAlternative> FilterAlternatives() =>
        key.IsDrift ? (operation.HoldsWhenMissing ? base.FilterAlternatives() : DriftFilters.All)
        : key.InEventGrid is null || (operation.Negated && operation.Operand != FilterOperand.None) ? base.FilterAlternatives() : [FilterAlternative.Unrestricted with { Filters = [this] }];

    private bool Holds(in FoundValue value) => value.IsMissing ? operation.HoldsWhenMissing : AnyHit(value) != operation.Negated;

    private bool AnyHit(in FoundValue value)
    {
        if (!value.IsArray)
        {
            return test.Hits(value);
        }

        if (arrays)
        {
            foreach (var element in value.Json.EnumerateArray())
            {
                if (test.Hits(new FoundValue(null, element)))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
