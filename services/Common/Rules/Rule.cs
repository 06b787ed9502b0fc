using MLEvents.Events;

namespace MLEvents.Rules;

/// <summary>What every rule has: a name, a switch and the condition under which it acts.</summary>
public abstract record Rule
{
    /// <summary>The rule's name, unique in its file: 1 to 64 letters, digits, <c>-</c>, <c>_</c> and <c>.</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the rule is in force. Default true.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The events that the rule acts on.</summary>
    public required Condition When { get; init; }

    /// <summary>The line of the file on which the rule begins, counted from 1.</summary>
    public int Line { get; init; }

    /// <summary>Whether the rule is enabled and its condition holds for an event.</summary>
    public bool Matches(WorkflowEvent workflowEvent) => Enabled && When.Matches(workflowEvent);
}
