using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;

namespace MLEvents.Retrainer;

/// <summary>The retrainings that the rules in force ask for. A rule does not act on a run that it started itself.</summary>
internal sealed partial class RetrainingRequests(RuleSource<RetrainingRule> rules, RetrainingPlanner planner, ILogger<RetrainingRequests> logger) : IActionPlanner
{
    public Task<IReadOnlyList<ActionRequest>> PlanAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        var current = rules.Current;
        return Task.FromResult<IReadOnlyList<ActionRequest>>([.. current.Matching(workflowEvent).Where(rule => !IsOwnRun(rule, workflowEvent)).Select(rule => planner.Plan(rule, current.Version, workflowEvent))]);
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

    [LoggerMessage(1, LogLevel.Information, "Rule {Rule} does not act on {EventType} {EventId}: it is about a run that the rule itself started")]
    private partial void LogOwnRun(string rule, string eventType, string eventId);
}
