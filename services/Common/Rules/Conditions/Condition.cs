using MLEvents.Events;

namespace MLEvents.Rules.Conditions;

/// <summary>A rule's <c>when</c>: which events the rule acts on, in the vocabulary of Event Grid's subscription filters.</summary>
public sealed class Condition
{
    private readonly ConditionNode _root;

    internal Condition(ConditionNode root)
    {
        _root = root;
        NamesActions = root.Covers().Any(cover => cover.Types?.Contains(EventTypes.ActionChanged) == true);
    }

    /// <summary>Whether the condition names the event type <c>ActionChanged</c>. Otherwise it holds for no event of that type, also if it names no type at all.</summary>
    public bool NamesActions { get; }

    /// <summary>A condition that holds for events of some types.</summary>
    /// <param name="types">The full names of the types.</param>
    public static Condition OfTypes(params IReadOnlyList<string> types) => new(new EventTypeTest(types));

    /// <summary>Whether the condition holds for an event. Never throws.</summary>
    public bool Matches(WorkflowEvent workflowEvent) => Accepts(workflowEvent) && _root.Matches(workflowEvent);

    /// <summary>Filters that cover the condition: each event that it holds for passes at least one of them.</summary>
    internal IReadOnlyList<Cover> Covers() => _root.Covers();

    /// <summary>Why the condition holds for an event, or does not.</summary>
    public Explanation Explain(WorkflowEvent workflowEvent) => Accepts(workflowEvent)
        ? _root.Explain(workflowEvent)
        : new Explanation("includedEventTypes", false, "the type is ActionChanged, which a rule must name", []);

    private bool Accepts(WorkflowEvent workflowEvent) => NamesActions || !ActionEvent.Is(workflowEvent);
}
