using System.Text.Json.Nodes;

using MLEvents.Dashboard.Comparing;
using MLEvents.Rules.Conditions;

namespace MLEvents.Dashboard.Explaining;

/// <summary>Why each rule did or did not act on an event.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Key">What its page's address is made of.</param>
/// <param name="Type">Its type.</param>
/// <param name="Source">Its source.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="ReceivedAt">When it arrived: the rules that were in force then are explained.</param>
/// <param name="Services">The services with their rules.</param>
public sealed record EventExplanation(string Id, string Key, string Type, string Source, string Subject, DateTimeOffset ReceivedAt, IReadOnlyList<ServiceExplanation> Services);

/// <summary>The rules of a service.</summary>
/// <param name="Service">The service.</param>
/// <param name="Version">The version that was in force; empty if none was.</param>
/// <param name="LoadedAt">Since when.</param>
/// <param name="CurrentVersion">The version in force now.</param>
/// <param name="Fault">Why the rules cannot be explained; null if they can.</param>
/// <param name="Rules">Each rule of then and of now.</param>
public sealed record ServiceExplanation(string Service, string Version, DateTimeOffset? LoadedAt, string CurrentVersion, string? Fault, IReadOnlyList<RuleExplanation> Rules);

/// <summary>What a rule made of the event.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Then">What the rule in force then makes of it; null if there was none of that name.</param>
/// <param name="Today">What the rule in force now makes of it; null if there is none of that name.</param>
/// <param name="Changed">Whether today's rule acts differently.</param>
/// <param name="Result">What became of it, for people.</param>
/// <param name="Actions">The actions that it took for the event.</param>
public sealed record RuleExplanation(string Rule, RuleVerdict? Then, RuleVerdict? Today, bool Changed, string Result, IReadOnlyList<TakenAction> Actions)
{
    /// <summary>What today's rule makes of the event, compared with the rule of then, line by line; empty if nothing differs.</summary>
    public IReadOnlyList<DiffLine> Difference { get; init; } = [];
}

/// <summary>Whether a rule fires for an event, and why.</summary>
/// <param name="Outcome">fires, does-not-fire, disabled or own-run.</param>
/// <param name="Line">The line of the rule in its file.</param>
/// <param name="Why">The condition, clause by clause.</param>
/// <param name="DeduplicationKey">What the event shares with others that cause one action; null if each event causes its own.</param>
/// <param name="Action">What the service does if the rule fires; null if it does not.</param>
/// <param name="Fault">Why the action cannot be planned; null if it can.</param>
public sealed record RuleVerdict(string Outcome, int Line, Explanation Why, string? DeduplicationKey, JsonNode? Action, string? Fault)
{
    /// <summary>Whether the rule acts.</summary>
    public bool Fires => Outcome == "fires";
}

/// <summary>An action that was taken for the event.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Status">Its latest status.</param>
/// <param name="Stage">Its latest stage.</param>
/// <param name="Detail">What its service said last.</param>
/// <param name="UpdatedAt">When it changed last.</param>
public sealed record TakenAction(string Id, string Status, string Stage, string? Detail, DateTimeOffset UpdatedAt)
{
    /// <summary>What held it back, as its service published it: a limit or an approval, with what blocked it and until when.</summary>
    public IReadOnlyList<string> HeldBack { get; init; } = [];

    /// <summary>The id of the earlier event that caused it, if it only stands for this event; else null.</summary>
    public string? OfEvent { get; init; }
}
