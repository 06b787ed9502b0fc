using MLEvents.Events;

namespace MLEvents.Rules;

/// <summary>A rule's <c>when</c>: which events the rule acts on, in the vocabulary of Event Grid's subscription filters.</summary>
public sealed class Condition
{
    private readonly ConditionNode _root;

    internal Condition(ConditionNode root) => _root = root;

    /// <summary>Whether the condition holds for an event. Never throws.</summary>
    public bool Matches(WorkflowEvent workflowEvent) => _root.Matches(workflowEvent);

    /// <summary>Why the condition holds for an event, or does not.</summary>
    public Explanation Explain(WorkflowEvent workflowEvent) => _root.Explain(workflowEvent);
}
