using System.Text.Json;

using MLEvents.Events;
using MLEvents.Events.Limits;

namespace MLEvents.Ledger.Planning;

/// <summary>An action that a rule requests, with its plan in the stored form.</summary>
/// <param name="Rule">The name of the rule.</param>
/// <param name="RuleVersion">The version of the rule's file.</param>
/// <param name="Plan">The plan; undefined if there is a fault.</param>
/// <param name="Fault">The reason why the rule could not be evaluated for the event; null if the rule could be evaluated.</param>
internal sealed record PlannedAction(string Rule, string RuleVersion, JsonElement Plan, string? Fault = null)
{
    /// <summary>The text that several events of a source share when they cause one action; null if each event causes its own action.</summary>
    public string? DeduplicationKey { get; init; }

    /// <summary>The version of the plan's format.</summary>
    public int PlanVersion { get; init; } = 1;

    /// <summary>The limits of the rule, with the keys of this event; null if it has none.</summary>
    public IReadOnlyList<Limit>? Limits { get; init; }

    /// <summary>The approval that the action needs; null for none.</summary>
    public Approval? Approval { get; init; }

    /// <summary>Whether the action only reports what it would do.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>The operator's request; null if an event caused the action.</summary>
    public Intervention? Intervention { get; init; }

    public ActionRecord ToRecord(string service, WorkflowEvent workflowEvent, DateTimeOffset now) => new ActionRecord
    {
        Id = ActionRecord.IdOf(service, Rule, workflowEvent, DeduplicationKey),
        Service = service,
        Rule = Rule,
        RuleVersion = RuleVersion,
        CorrelationId = Correlation.IdOf(workflowEvent),
        Event = workflowEvent.Envelope,
        EventReference = EventReference.To(workflowEvent),
        Plan = Plan,
        PlanVersion = PlanVersion,
        Limits = Limits,
        Path = Lineage.PathOf(workflowEvent) is { Count: > 0 } path ? path : null,
        Approval = Approval,
        IsDryRun = IsDryRun,
        Intervention = Intervention,
        Detail = Intervention is { } by ? by.AddReason($"requested by {by.DescribeWho()}") : null,
        Fault = Fault,
        CreatedAt = now,
    }.WithVersion().ForcedByReplay(ForcedReplay.TokenOf(workflowEvent));
}
