using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;

namespace MLEvents.Notifier;

/// <summary>Renders what a rule says about an event.</summary>
internal sealed class AlertPlanner(IOptions<NotifierOptions> options)
{
    /// <summary>The request for an alert. A template that can't be rendered is a fault of its rule alone: it fails visibly and stops no other.</summary>
    public ActionRequest Plan(AlertRule rule, string version, WorkflowEvent workflowEvent, IReadOnlyList<ChainEvent> previous)
    {
        var planned = AlertPlans.Of(rule, workflowEvent, previous, options.Value.StudioBase.OriginalString);
        return new ActionRequest(rule.Name, version, planned.Plan?.ToJson() ?? default, planned.Fault) { DeduplicationKey = rule.DeduplicationKeyOf(workflowEvent) };
    }
}
