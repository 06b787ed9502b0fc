using MLEvents.Events;
using MLEvents.Rules.Conditions;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Explaining;

/// <summary>What a rule makes of an event.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Outcome">Whether it fires, or what keeps it from it.</param>
/// <param name="Why">Its condition, part by part.</param>
/// <param name="DeduplicationKey">What the event shares with others of the same deduplication key; null when it is its own.</param>
/// <param name="Plan">What the service does if the rule fires; null if it does not.</param>
public sealed record Verdict(ServiceRule Rule, RuleOutcome Outcome, Explanation Why, string? DeduplicationKey, RulePlan? Plan)
{
    /// <summary>Whether the rule fires.</summary>
    public bool Fires => Outcome == RuleOutcome.Fires;

    /// <summary>Evaluates a rule for an event, after the events of its chain that came before.</summary>
    public static Verdict Evaluate(ServiceRule rule, WorkflowEvent workflowEvent, IReadOnlyList<ChainEvent> previous)
    {
        var why = rule.Rule.When.Explain(workflowEvent);
        var outcome = !rule.Rule.Enabled ? RuleOutcome.Disabled
            : !why.Matched ? RuleOutcome.DoesNotFire
            : rule.IsAboutOwnRun(workflowEvent) ? RuleOutcome.OwnRun
            : RuleOutcome.Fires;
        return new(rule, outcome, why, rule.Rule.DeduplicationKeyOf(workflowEvent), outcome == RuleOutcome.Fires ? rule.PlanFor(workflowEvent, previous) : null);
    }
}

/// <summary>Whether a rule fires for an event.</summary>
public enum RuleOutcome
{
    /// <summary>It does.</summary>
    Fires,

    /// <summary>Its condition does not hold.</summary>
    DoesNotFire,

    /// <summary>It is switched off.</summary>
    Disabled,

    /// <summary>An action of the rule led to the event.</summary>
    OwnRun,
}
