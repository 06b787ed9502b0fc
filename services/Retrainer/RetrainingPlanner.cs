using Microsoft.Extensions.Options;

using MLEvents.AzureSteps;
using MLEvents.Events;
using MLEvents.Events.Limits;
using MLEvents.Ledger;
using MLEvents.Retrainer.Monitors;
using MLEvents.Rules;
using MLEvents.Rules.Plans;
using MLEvents.ServiceDefaults;

namespace MLEvents.Retrainer;

/// <summary>Plans the retrainings of the rules in force. A rule does not act on a run that it started itself.</summary>
internal sealed partial class RetrainingPlanner(RuleSource<RetrainingRule> rules, MonitorJobs monitors, IOptions<StudioOptions> studio, ILogger<RetrainingPlanner> logger) : IActionPlanner<RetrainingPlan>
{
    public async Task<IReadOnlyList<ActionRequest<RetrainingPlan>>> PlanAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        var current = rules.Current;
        var matching = current.Matching(workflowEvent).Where(rule => !IsOwnRun(rule, workflowEvent)).ToList();
        var detailed = matching.Count == 0 ? workflowEvent : await monitors.AddAsync(workflowEvent, cancellationToken);
        return [.. matching.Select(rule => CreateRequest(rule, current.Version, workflowEvent, detailed))];
    }

    public string? FindWaitingAction(WorkflowEvent workflowEvent) => ActionTags.ActionOf(workflowEvent);

    public IReadOnlyList<Limit> FindLimits(ActionRecord record)
    {
        var rule = rules.Current.Rules.FirstOrDefault(rule => rule.Name == record.Rule);
        return RuleLimits.InForce(record, rule, rule?.Limits);
    }

    /// <summary>Creates the request of one rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="ruleVersion">The version of the rules.</param>
    /// <param name="workflowEvent">The event. The match of the rule, its deduplication key and its limits use only this event, so that they do not depend on answers of Azure.</param>
    /// <param name="detailed">The event with the data of the monitor's jobs, for the templates of the run. Default: <paramref name="workflowEvent"/>.</param>
    internal ActionRequest<RetrainingPlan> CreateRequest(RetrainingRule rule, string ruleVersion, WorkflowEvent workflowEvent, WorkflowEvent? detailed = null) =>
        new ActionRequest<RetrainingPlan>(rule.Name, ruleVersion, rule.DeduplicationKeyOf(workflowEvent), _ => Plan(rule, detailed ?? workflowEvent))
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
