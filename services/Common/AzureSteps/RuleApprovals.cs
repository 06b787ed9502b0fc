using MLEvents.Ledger;
using MLEvents.Rules;

namespace MLEvents.AzureSteps;

/// <summary>Converts the approval and the dry run of rules to the form of the ledger.</summary>
public static class RuleApprovals
{
    /// <summary>Adds the approval and the dry run of a rule to its request.</summary>
    /// <typeparam name="TPlan">The type of the service's plans.</typeparam>
    /// <param name="request">The request of the rule.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="approval">The approval that the rule needs; null for none.</param>
    /// <param name="trafficStages">The stages whose step gives a new deployment its first traffic.</param>
    public static ActionRequest<TPlan> WithApproval<TPlan>(this ActionRequest<TPlan> request, Rule rule, RuleApproval? approval, params IReadOnlyList<string> trafficStages)
        where TPlan : class => request with
        {
            IsDryRun = rule.DryRun,
            Approval = approval is null ? null : new(
                approval.From,
                approval.Before.ToString().ToLowerInvariant(),
                approval.Before == ApprovalPoint.Traffic ? trafficStages : [""],
                approval.Timeout,
                approval.OnTimeout == ApprovalTimeout.Approve,
                approval.Required),
        };
}
