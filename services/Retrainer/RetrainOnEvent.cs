using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;
using MLEvents.ServiceDefaults;

namespace MLEvents.Retrainer;

/// <summary>Retrains when a rule asks for it, and wakes the retraining whose run has news.</summary>
internal sealed partial class RetrainOnEvent(
    RuleSource<RetrainingRule> rules, RetrainingPlanner planner, ActionRunner runner, ILogger<RetrainOnEvent> logger) : ITopicHandler
{
    public async Task HandleAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        if (ActionTags.ActionOf(workflowEvent) is { } actionId)
        {
            await runner.WakeAsync(actionId, cancellationToken);
        }

        var current = rules.Current;
        var requests = current.Matching(workflowEvent).Where(rule => !IsOwnRun(rule, workflowEvent)).Select(rule => planner.Plan(rule, current.Version, workflowEvent));
        await runner.RunAsync(workflowEvent, requests, cancellationToken);
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
