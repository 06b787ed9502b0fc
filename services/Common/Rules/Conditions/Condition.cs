using MLEvents.Events;

namespace MLEvents.Rules.Conditions;

/// <summary>A rule's <c>when</c>: which events the rule acts on, in the vocabulary of Event Grid's subscription filters.</summary>
public sealed class Condition
{
    private readonly ConditionNode _root;
    private readonly string[] _named;

    internal Condition(ConditionNode root)
    {
        _root = root;
        _named = [.. root.NamedTypes().Where(IsOfServices)];
    }

    /// <summary>Whether the condition names the event type <c>ActionChanged</c>.</summary>
    /// <remarks>A rule must name the type of an event that the services raise themselves: a condition without a type does not match such an event.</remarks>
    public bool NamesActions => _named.Contains(EventTypes.ActionChanged);

    /// <summary>A condition that holds for events of some types.</summary>
    /// <param name="types">The full names of the types.</param>
    public static Condition ForTypes(params IReadOnlyList<string> types) => new(new EventTypeTest(types));

    /// <summary>Whether the condition holds for an event. Never throws.</summary>
    public bool Matches(WorkflowEvent workflowEvent) => Accepts(workflowEvent) && _root.Matches(workflowEvent);

    /// <summary>Filters of Event Grid for the condition. Each event that the condition matches passes at least one of them.</summary>
    internal IReadOnlyList<FilterAlternative> FilterAlternatives() => _root.FilterAlternatives();

    /// <summary>Why the condition holds for an event, or does not.</summary>
    public Explanation Explain(WorkflowEvent workflowEvent) => Accepts(workflowEvent)
        ? _root.Explain(workflowEvent)
        : new Explanation("includedEventTypes", false, $"the type is {workflowEvent.Type}, which a rule must name", []);

    private static bool IsOfServices(string type) => type.StartsWith(EventTypes.OwnPrefix, StringComparison.Ordinal);

    private bool Accepts(WorkflowEvent workflowEvent) => !IsOfServices(workflowEvent.Type) || _named.Contains(workflowEvent.Type);
}
