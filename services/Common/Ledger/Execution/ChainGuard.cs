using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger.Planning;

namespace MLEvents.Ledger.Execution;

/// <summary>
/// Stops rules that cause each other's events. A rule does not act on an event that one of its own actions caused. A report about an action can
/// start a second action, but no rule of the second action's service acts on the report about that second action. An action beyond the depth limit of a chain fails visibly.
/// </summary>
internal sealed partial class ChainGuard(LedgerService service, IOptions<LedgerOptions> options, ILogger<ChainGuard> logger)
{
    /// <summary>Checks the actions that the rules request because of an event.</summary>
    /// <returns>
    /// The actions without those of rules in the event's path. If the chain is too deep, the remaining actions have a fault, unless the service ends chains.
    /// Empty if the event reports an action of this service that was itself started by a report about an action.
    /// </returns>
    public IReadOnlyList<PlannedAction> Check(WorkflowEvent workflowEvent, IReadOnlyList<PlannedAction> actions)
    {
        if (actions.Count > 0 && ActionEvent.ServiceOf(workflowEvent) == service.Name && ActionEvent.IsAboutActionEvent(workflowEvent))
        {
            // An alert that reports a failed alert may fail too. With several such rules, each failure would cause several more.
            LogReport(service.Name, workflowEvent.Id);
            return [];
        }

        if (actions.Count == 0 || Lineage.PathOf(workflowEvent) is not { Count: > 0 } path)
        {
            return actions;
        }

        var others = actions.Where(action => !IsOwn(workflowEvent, action, path)).ToList();
        var depth = path.Count + 1;
        return service.EndsChains || depth <= options.Value.MaxChainDepth ? others : [.. others.Select(action => action with { Plan = default, Fault = Describe(depth) })];
    }

    private bool IsOwn(WorkflowEvent workflowEvent, PlannedAction action, IReadOnlyList<string> path)
    {
        var isOwn = path.Contains(Lineage.KeyOf(service.Name, action.Rule));
        if (isOwn)
        {
            LogOwn(action.Rule, workflowEvent.Type, workflowEvent.Id);
        }

        return isOwn;
    }

    private string Describe(int depth) =>
        $"the chain is {depth} actions deep, and Ledger:MaxChainDepth allows {options.Value.MaxChainDepth}: rules probably cause each other's events. Narrow the conditions of the rules, or raise the setting";

    [LoggerMessage(2, LogLevel.Information, "No rule acts on event {EventId}: it reports an action of the {Service} that was itself started by a report about an action")]
    private partial void LogReport(string service, string eventId);

    [LoggerMessage(1, LogLevel.Information, "Rule {Rule} does not act on {EventType} {EventId}: an action of the rule led to the event")]
    private partial void LogOwn(string rule, string eventType, string eventId);
}
