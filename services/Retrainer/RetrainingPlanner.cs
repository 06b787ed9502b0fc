using Microsoft.Extensions.Options;

using MLEvents.AzureSteps;
using MLEvents.Events;
using MLEvents.Events.Limits;
using MLEvents.Ledger;
using MLEvents.Rules;
using MLEvents.Rules.Plans;
using MLEvents.ServiceDefaults;

namespace MLEvents.Retrainer;

/// <summary>Plans the retrainings of the rules in force. A rule does not act on a run that it started itself.</summary>
internal sealed partial class RetrainingPlanner(RuleSource<RetrainingRule> rules, IOptions<StudioOptions> studio, ILogger<RetrainingPlanner> logger) : IActionPlanner<RetrainingPlan>
{
    public Task<IReadOnlyList<ActionRequest<RetrainingPlan>>> PlanAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        var current = rules.Current;
        return Task.FromResult<IReadOnlyList<ActionRequest<RetrainingPlan>>>([.. current.Matching(workflowEvent)
            .Where(rule => !IsOwnRun(rule, workflowEvent))
            .Select(rule => Request(rule, current.Version, workflowEvent))]);
    }

    public string? FindWaitingAction(WorkflowEvent workflowEvent) => ActionTags.ActionOf(workflowEvent);

    public IReadOnlyList<Limit> FindLimits(ActionRecord record)
    {
        var rule = rules.Current.Rules.FirstOrDefault(rule => rule.Name == record.Rule);
        return RuleLimits.InForce(record, rule, rule?.Limits);
    }

    /// <summary>The request of one rule.</summary>
    internal ActionRequest<RetrainingPlan> Request(RetrainingRule rule, string ruleVersion, WorkflowEvent workflowEvent) =>
        new ActionRequest<RetrainingPlan>(rule.Name, ruleVersion, rule.DeduplicationKeyOf(workflowEvent), _ => Plan(rule, workflowEvent))
            .WithLimits(rule, rule.Limits, workflowEvent)
            .WithApproval(rule, rule.Approval);

    private PlanResult<RetrainingPlan> Plan(RetrainingRule rule, WorkflowEvent workflowEvent)
    {
        var (plan, fault) = RetrainingPlans.Create(rule, workflowEvent, studio.Value.StudioBase);
        return new(plan, fault);
    }

    private bool IsOwnRun(RetrainingRule rule, WorkflowEvent workflowEvent)
    {
        if (!rule.IsAboutOwnRun(workflowEvent))
        {
            return false;
        }

        LogOwnRun(rule.Name, workflowEvent.Type, workflowEvent.Id);
        return true;
    }

    [LoggerMessage(1, LogLevel.Information, "Rule {Rule} does not act on {EventType} {EventId}: the rule itself started the run")]
    private partial void LogOwnRun(string rule, string eventType, string eventId);
}
