using Microsoft.Extensions.Options;

using MLEvents.AzureML;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;

namespace MLEvents.Retrainer;

/// <summary>Works out what a rule asks for because of an event.</summary>
internal sealed class RetrainingPlanner(IOptions<AzureMLOptions> azure)
{
    /// <summary>The request with its plan, or with the reason why there is none.</summary>
    public ActionRequest Plan(RetrainingRule rule, string ruleVersion, WorkflowEvent workflowEvent)
    {
        var planned = RetrainingPlans.Of(rule, workflowEvent, azure.Value.StudioBase.ToString());
        return new ActionRequest(rule.Name, ruleVersion, planned.Plan?.ToJson() ?? default, planned.Fault) { DeduplicationKey = rule.DeduplicationKeyOf(workflowEvent) };
    }
}
