namespace MLEvents.Dashboard.History;

/// <summary>An entry that one message adds to the history.</summary>
internal abstract record HistoryEntry;

/// <summary>An event.</summary>
/// <param name="Event">The event.</param>
/// <param name="Terms">The search terms of the event.</param>
internal sealed record EventEntry(StoredEvent Event, string[] Terms) : HistoryEntry;

/// <summary>A change of an action.</summary>
/// <param name="Change">The change.</param>
/// <param name="Action">The action after the change.</param>
internal sealed record ActionEntry(StoredChange Change, StoredAction Action) : HistoryEntry;

/// <summary>A question about an action that waits for an approval.</summary>
/// <param name="Question">The question.</param>
internal sealed record QuestionEntry(StoredQuestion Question) : HistoryEntry;

/// <summary>A decision about a question.</summary>
/// <param name="Decision">The decision.</param>
internal sealed record DecisionEntry(StoredDecision Decision) : HistoryEntry;

/// <summary>A version of rules that came into force.</summary>
/// <param name="Load">The service, the version and the time.</param>
/// <param name="Files">The files of the version.</param>
internal sealed record RulesEntry(RuleLoad Load, IReadOnlyList<StoredRuleFile> Files) : HistoryEntry;
