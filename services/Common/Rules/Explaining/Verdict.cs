using MLEvents.Events;
using MLEvents.Rules.Conditions;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Explaining;

/// <summary>The result of evaluating a rule for an event.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Outcome">Whether the rule fires, or the reason why it does not.</param>
/// <param name="Why">The explanation of the rule's condition, part by part.</param>
/// <param name="DeduplicationKey">The key that the event shares with others; null if the event is its own key.</param>
/// <param name="Plan">The plan if the rule fires; null if it does not.</param>
public sealed record Verdict(ServiceRule Rule, RuleOutcome Outcome, Explanation Why, string? DeduplicationKey, RulePlan? Plan)
{
    /// <summary>Whether the rule fires.</summary>
    public bool Fires => Outcome == RuleOutcome.Fires;

    /// <summary>Evaluates a rule for an event, given the earlier events of its chain.</summary>
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
    /// <summary>The rule fires.</summary>
    Fires,

    /// <summary>The rule's condition does not hold.</summary>
    DoesNotFire,

    /// <summary>The rule is disabled.</summary>
    Disabled,

    /// <summary>An action of the rule led to the event.</summary>
    OwnRun,
}
