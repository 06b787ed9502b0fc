using MLEvents.Events;

namespace MLEvents.Rules.Conditions;

/// <summary><c>includedEventTypes</c>: the event's type is one of these, compared exactly.</summary>
internal sealed class EventTypeTest(IReadOnlyList<string> types) : ConditionNode
{
    /// <summary>The name that represents every type.</summary>
    public const string All = "All";

    /// <summary>Azure ML's event types.</summary>
    public static readonly IReadOnlyList<string> Known =
    [
        EventTypes.ModelRegistered, EventTypes.ModelDeployed, EventTypes.RunCompleted, EventTypes.RunStatusChanged, EventTypes.DatasetDriftDetected,
    ];

    /// <summary>The short names that a rule may write instead of a full type, with the full type of each.</summary>
    public static readonly IReadOnlyDictionary<string, string> ShortNames = Known.ToDictionary(type => type[EventTypes.AzureMLPrefix.Length..])
        .Append(new(nameof(EventTypes.ActionChanged), EventTypes.ActionChanged)).ToDictionary();

    private readonly string[] _types = [.. types];
    private readonly bool _all = types.Contains(All, StringComparer.OrdinalIgnoreCase);

    public override bool Matches(WorkflowEvent workflowEvent)
    {
        foreach (var type in _types)
        {
            if (type == workflowEvent.Type)
            {
                return true;
            }
        }

        return _all;
    }

    public override IReadOnlyList<FilterAlternative> FilterAlternatives() => _all ? base.FilterAlternatives() : [FilterAlternative.Unrestricted with { Types = [.. _types] }];

    public override IEnumerable<string> NamedTypes() => _types;

    public override Explanation Explain(WorkflowEvent workflowEvent) =>
        Leaf($"includedEventTypes [{string.Join(", ", _types)}]", Matches(workflowEvent), $"the type is {workflowEvent.Type}");
}
