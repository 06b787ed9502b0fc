using MLEvents.Events;
using MLEvents.Rules.Conditions;

namespace MLEvents.Rules;

/// <summary>The properties of every rule, such as its name and its condition.</summary>
public abstract record Rule
{
    /// <summary>
    /// The rule's name, unique in its file in any letter case: 1 to 64 letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, the first a letter or digit.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>Whether the rule is enabled. Default true.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Whether the rule only reports its actions: they are recorded and published, and change nothing. Default false.</summary>
    public bool DryRun { get; init; }

    /// <summary>The events that the rule acts on.</summary>
    public required Condition When { get; init; }

    /// <summary>The deduplication key of the rule's events: the rule acts once for each key. Default <see cref="DeduplicationKeySelector.Event"/>.</summary>
    public DeduplicationKeySelector Once { get; init; } = DeduplicationKeySelector.Event;

    /// <summary>The line of the file on which the rule begins, counted from 1.</summary>
    public int Line { get; init; }

    /// <summary>Whether the rule is enabled and its condition holds for an event.</summary>
    public bool Matches(WorkflowEvent workflowEvent) => Enabled && When.Matches(workflowEvent);

    /// <summary>The deduplication key that events share; null if each event is its own key.</summary>
    /// <remarks>
    /// If an event reports a change of an action, the default key is the action with its generation and status. The action also reports each of its stages, and the rule does not act again for
    /// a further stage with the same status.
    /// </remarks>
    public string? DeduplicationKeyOf(WorkflowEvent workflowEvent) => Once.KeyOf(workflowEvent) ?? ActionEvent.StatusKeyOf(workflowEvent);
}
