using MLEvents.Events;
using MLEvents.Events.Limits;
using MLEvents.Ledger;
using MLEvents.Rules;
using MLEvents.Rules.Plans;

namespace MLEvents.AzureSteps;

/// <summary>Converts the limits of rules to the form of the ledger.</summary>
public static class RuleLimits
{
    /// <summary>Adds the limits of a rule to its request. If a key cannot be rendered, the request has this fault instead of a plan, so the action fails.</summary>
    /// <typeparam name="TPlan">The type of the service's plans.</typeparam>
    /// <param name="request">The request of the rule.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="limits">The limits of the rule.</param>
    /// <param name="workflowEvent">The event.</param>
    public static ActionRequest<TPlan> WithLimits<TPlan>(this ActionRequest<TPlan> request, Rule rule, IReadOnlyList<RunLimit> limits, WorkflowEvent workflowEvent)
        where TPlan : class
    {
        var (keyed, fault) = RunLimitKeys.Create(rule, limits, workflowEvent);
        return fault is null ? request with { Limits = keyed ?? [] } : request with { Plan = _ => new(null, fault) };
    }

    /// <summary>The limits that are in force for an action.</summary>
    /// <param name="record">The action.</param>
    /// <param name="rule">The current version of its rule; null if the rule does not exist any more.</param>
    /// <param name="limits">The limits of the rule.</param>
    /// <returns>The limits of the rule. If there is no rule or a key cannot be rendered, the limits that the record contains.</returns>
    public static IReadOnlyList<Limit> InForce(ActionRecord record, Rule? rule, IReadOnlyList<RunLimit>? limits)
    {
        if (rule is null || limits is null || (limits.Count == 0 && record.Limits is null))
        {
            return record.Limits ?? [];
        }

        return RunLimitKeys.Create(rule, limits, record.ReadEvent()).Plan ?? record.Limits ?? [];
    }
}
