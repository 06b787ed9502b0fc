using MLEvents.Events.Limits;

namespace MLEvents.Ledger;

/// <summary>The request of a rule to act on an event.</summary>
/// <typeparam name="TPlan">The type of the service's plans.</typeparam>
/// <param name="Rule">The name of the rule.</param>
/// <param name="RuleVersion">The version of the rule's file.</param>
/// <param name="DeduplicationKey">The text that several events of a source share when they cause one action; null if each event causes its own action.</param>
/// <param name="Plan">Creates the plan. The ledger passes the id of the action, from which the plan can derive names.</param>
public sealed record ActionRequest<TPlan>(string Rule, string RuleVersion, string? DeduplicationKey, Func<string, PlanResult<TPlan>> Plan)
    where TPlan : class
{
    /// <summary>The limits of the rule, with the keys of this event. Default: none.</summary>
    public IReadOnlyList<Limit> Limits { get; init; } = [];

    /// <summary>The approval that the action needs; null for none.</summary>
    public Approval? Approval { get; init; }

    /// <summary>Whether the action only reports what it would do. The ledger records the plan and takes no step.</summary>
    public bool IsDryRun { get; init; }
}

/// <summary>A plan, or the reason why the rule could not be evaluated for the event.</summary>
/// <typeparam name="TPlan">The type of the plan.</typeparam>
/// <param name="Plan">The plan; null if there is a fault.</param>
/// <param name="Fault">The reason, for people; the action then fails at once. Null if there is a plan.</param>
public sealed record PlanResult<TPlan>(TPlan? Plan, string? Fault)
    where TPlan : class;
