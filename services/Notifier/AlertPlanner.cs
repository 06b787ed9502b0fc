using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Notifier.Email;
using MLEvents.Rules;
using MLEvents.Rules.Plans;
using MLEvents.Rules.Templates;
using MLEvents.ServiceDefaults;

namespace MLEvents.Notifier;

/// <summary>Plans the alerts of the rules in force, and the mails that request approvals. A template that cannot be rendered affects only its own rule.</summary>
internal sealed class AlertPlanner(RuleSource<AlertRule> rules, ChainStore chains, ApprovalNotices approvals, IOptions<StudioOptions> studio, IOptions<MailOptions> mail) : IActionPlanner<AlertPlan>
{
    public async Task<IReadOnlyList<ActionRequest<AlertPlan>>> PlanAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        if (workflowEvent.Type == EventTypes.ApprovalRequested)
        {
            return approvals.Plan(workflowEvent, studio.Value.StudioBase);
        }

        // The property is read once, because the rules and their version can be replaced at any time.
        var current = rules.Current;
        var previous = current.Rules.Any(UsesPrevious) && (!ActionEvent.Is(workflowEvent) || current.Matching(workflowEvent).Any()) ? await chains.AddAsync(workflowEvent, cancellationToken) : [];
        return [.. current.Matching(workflowEvent).Select(rule => Request(rule, current.Version, workflowEvent, previous))];
    }

    public bool NeedsChain(WorkflowEvent workflowEvent) => rules.Current is var current && (current.Rules.Any(UsesPrevious) || current.Matching(workflowEvent).Any());

    private ActionRequest<AlertPlan> Request(AlertRule rule, string ruleVersion, WorkflowEvent workflowEvent, IReadOnlyList<ChainEvent> previous) =>
        new(rule.Name, ruleVersion, rule.DeduplicationKeyOf(workflowEvent), _ => Plan(rule, workflowEvent, previous)) { IsDryRun = rule.DryRun };

    private PlanResult<AlertPlan> Plan(AlertRule rule, WorkflowEvent workflowEvent, IReadOnlyList<ChainEvent> previous)
    {
        var (plan, fault) = AlertPlans.Create(rule, workflowEvent, previous, studio.Value.StudioBase, mail.Value.Fallback);
        return new(plan, fault);
    }

    private static bool UsesPrevious(AlertRule rule) => rule.Enabled && rule.Send.UsesPrevious;
}
