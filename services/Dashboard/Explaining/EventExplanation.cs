using System.Text.Json.Nodes;

using MLEvents.Dashboard.Comparing;
using MLEvents.Rules.Conditions;

namespace MLEvents.Dashboard.Explaining;

/// <summary>The reasons why each rule did or did not act on an event.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Key">The event's key, which is part of the address of its page.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Source">The event's source.</param>
/// <param name="Subject">The event's subject.</param>
/// <param name="ReceivedAt">The time of arrival. The rules that were in force at this time are explained.</param>
/// <param name="Services">The services with their rules.</param>
public sealed record EventExplanation(string Id, string Key, string Type, string Source, string Subject, DateTimeOffset ReceivedAt, IReadOnlyList<ServiceExplanation> Services);

/// <summary>The rules of a service.</summary>
/// <param name="Service">The service.</param>
/// <param name="Version">The version that was in force; empty if none was.</param>
/// <param name="LoadedAt">The time when this version came into force.</param>
/// <param name="CurrentVersion">The version in force now.</param>
/// <param name="Fault">The reasons why a version of the rules cannot be explained, each on its own lines; null if both versions can be explained.</param>
/// <param name="Rules">The rules of both versions.</param>
public sealed record ServiceExplanation(string Service, string Version, DateTimeOffset? LoadedAt, string CurrentVersion, string? Fault, IReadOnlyList<RuleExplanation> Rules);

/// <summary>The explanation of one rule for an event.</summary>
/// <param name="Rule">The name of the rule.</param>
/// <param name="Then">The verdict of the rule that was in force when the event arrived; null if there was no rule of this name, or if that version cannot be read.</param>
/// <param name="Today">The verdict of the current rule; null if there is no rule of this name, or if the current version cannot be read.</param>
/// <param name="Changed">Whether the rule fires in only one of the two versions. False if a version cannot be read.</param>
/// <param name="Result">A text for the page that says what happened.</param>
/// <param name="Actions">The actions of the rule for the event.</param>
public sealed record RuleExplanation(string Rule, RuleVerdict? Then, RuleVerdict? Today, bool Changed, string Result, IReadOnlyList<TakenAction> Actions)
{
    /// <summary>The lines of both verdicts, with the differences marked; empty if the verdicts are equal or a version cannot be read.</summary>
    public IReadOnlyList<DiffLine> Difference { get; init; } = [];
}

/// <summary>Whether a rule fires for an event, and why.</summary>
/// <param name="Outcome">fires, does-not-fire, disabled or own-run.</param>
/// <param name="Line">The line of the rule in its file.</param>
/// <param name="Why">The condition, clause by clause.</param>
/// <param name="DeduplicationKey">The deduplication key: events with the same key cause one action. Null if each event causes its own action.</param>
/// <param name="Action">The planned action; null if the rule does not fire.</param>
/// <param name="Fault">The reason why the action cannot be planned; null if there is none.</param>
public sealed record RuleVerdict(string Outcome, int Line, Explanation Why, string? DeduplicationKey, JsonNode? Action, string? Fault)
{
    /// <summary>Whether the rule fires.</summary>
    public bool Fires => Outcome == "fires";
}

/// <summary>An action for the event.</summary>
/// <param name="Id">The id of the action.</param>
/// <param name="Status">The latest status.</param>
/// <param name="Stage">The latest stage.</param>
/// <param name="Detail">The latest detail that the service published.</param>
/// <param name="UpdatedAt">The time of the latest change.</param>
public sealed record TakenAction(string Id, string Status, string Stage, string? Detail, DateTimeOffset UpdatedAt)
{
    /// <summary>The limits, approvals and refused credentials that held the action back, as its service published them.</summary>
    public IReadOnlyList<string> HeldBack { get; init; } = [];

    /// <summary>The id of an earlier event with the same deduplication key, if that event caused the action; otherwise null.</summary>
    public string? OfEvent { get; init; }
}
