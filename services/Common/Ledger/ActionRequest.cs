using System.Text.Json;

using MLEvents.Events;

namespace MLEvents.Ledger;

/// <summary>What a rule asks for when an event matches it.</summary>
/// <param name="Rule">The rule's name.</param>
/// <param name="RuleVersion">The version of its file.</param>
/// <param name="Plan">What is to be done; undefined if the rule could not be worked out for this event.</param>
/// <param name="Fault">Why the rule could not be worked out; the action then fails at once, visibly. Null otherwise.</param>
public sealed record ActionRequest(string Rule, string RuleVersion, JsonElement Plan, string? Fault = null)
{
    /// <summary>What the events of one deduplication key have in common, so that they are one action; null when each event is its own.</summary>
    public string? DeduplicationKey { get; init; }

    internal ActionRecord ToRecord(string service, WorkflowEvent workflowEvent, DateTimeOffset now) => new ActionRecord
    {
        Id = ActionRecord.IdOf(service, Rule, workflowEvent, DeduplicationKey),
        Service = service,
        Rule = Rule,
        RuleVersion = RuleVersion,
        CorrelationId = Correlation.IdOf(workflowEvent),
        Event = workflowEvent.Envelope,
        Plan = Plan,
        Fault = Fault,
        CreatedAt = now,
    }.CameBy(ForcedReplay.TokenOf(workflowEvent));
}
