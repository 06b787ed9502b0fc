using MLEvents.Events;

namespace MLEvents.Rules.Conditions;

/// <summary><c>subjectBeginsWith</c> and <c>subjectEndsWith</c>: plain text, no wildcards. An empty text matches every subject.</summary>
internal sealed class SubjectTest(string beginsWith, string endsWith, bool caseSensitive) : ConditionNode
{
    private readonly StringComparison _comparison = caseSensitive ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;

    public override bool Matches(WorkflowEvent workflowEvent) =>
        workflowEvent.Subject.StartsWith(beginsWith, _comparison) && workflowEvent.Subject.EndsWith(endsWith, _comparison);

    public override IReadOnlyList<FilterAlternative> FilterAlternatives() => [FilterAlternative.Unrestricted with { BeginsWith = beginsWith, EndsWith = endsWith, CaseSensitive = caseSensitive }];

    public override Explanation Explain(WorkflowEvent workflowEvent)
    {
        var what = string.Join(" and ", new[] { Quoted("subjectBeginsWith", beginsWith), Quoted("subjectEndsWith", endsWith) }.OfType<string>());
        return Leaf(caseSensitive ? $"{what} (case-sensitive)" : what, Matches(workflowEvent), $"the subject is '{workflowEvent.Subject}'");
    }

    private static string? Quoted(string key, string value) => value.Length == 0 ? null : $"{key} '{value}'";
}
