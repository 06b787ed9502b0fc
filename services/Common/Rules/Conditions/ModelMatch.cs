using MLEvents.Events;

namespace MLEvents.Rules.Conditions;

/// <summary>Selects the registered models of a deployment rule. Every list that is not empty must contain the model's value.</summary>
public sealed record ModelMatch
{
    private const string ModelName = "modelName";

    /// <summary>Names, compared exactly.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Versions, compared as text: the event may have a number or a string.</summary>
    public IReadOnlyList<string> Versions { get; init; } = [];

    /// <summary>Values by tag, in any letter case.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Tags { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Values by property, in any letter case.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Properties { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    internal ConditionNode ToCondition() => new AllOf(
    [
        .. Part(ModelName, Names, StringComparison.Ordinal),
        .. Part("modelVersion", Versions, StringComparison.Ordinal),
        .. Tags.SelectMany(tag => Part($"modelTags.{tag.Key}", tag.Value, StringComparison.OrdinalIgnoreCase, "modelTags", tag.Key)),
        .. Properties.SelectMany(tag => Part($"modelProperties.{tag.Key}", tag.Value, StringComparison.OrdinalIgnoreCase, "modelProperties", tag.Key)),
    ]);

    private static IEnumerable<ConditionNode> Part(string name, IReadOnlyList<string> wanted, StringComparison comparison, params string[] path) =>
        wanted.Count == 0 ? [] : [new ModelValueTest(name, path is [] ? [name] : path, wanted, comparison)];

    /// <summary>Holds when a value of the model is one of the wanted values.</summary>
    private sealed class ModelValueTest(string name, string[] path, IReadOnlyList<string> wanted, StringComparison comparison) : ConditionNode
    {
        public override bool Matches(WorkflowEvent workflowEvent) =>
            Find(workflowEvent) is { } value && wanted.Any(one => one.Equals(value, comparison));

        // Each operator of Event Grid compares values of one JSON type only, and the type of tags and versions varies. Azure ML always writes a name as text.
        public override IReadOnlyList<FilterAlternative> FilterAlternatives() => name == ModelName && EventKey.Parse($"data.{ModelName}", out _) is { } key
            ? new AdvancedFilter(FilterOperator.All["StringIn"], key, new TextTest([.. wanted], FilterOperator.All["StringIn"].CompareText), arrays: false).FilterAlternatives()
            : base.FilterAlternatives();

        public override Explanation Explain(WorkflowEvent workflowEvent) =>
            Leaf($"model {name} [{string.Join(", ", wanted)}]", Matches(workflowEvent), Find(workflowEvent) is { } value ? $"{name} is '{value}'" : $"{name} is missing");

        private string? Find(WorkflowEvent workflowEvent)
        {
            var value = workflowEvent.Data;
            foreach (var level in path)
            {
                if (!JsonText.TryMember(value, level, out value))
                {
                    return null;
                }
            }

            return JsonText.Plain(value);
        }
    }
}
