using MLEvents.Ledger.Planning;

namespace MLEvents.Ledger.Operators;

/// <summary>Plans stored actions with the rules in force.</summary>
internal sealed class CurrentRules(IPlanning planning)
{
    /// <summary>Plans an action with the rules in force.</summary>
    /// <returns>The record with the new plan, or the reason why the rules in force do not plan the action.</returns>
    public async Task<(ActionRecord Record, string? Refusal)> PlanAsync(ActionRecord record, CancellationToken cancellationToken)
    {
        var workflowEvent = record.ReadEvent();
        var actions = (await planning.PlanAsync(workflowEvent, cancellationToken)).Where(action => action.Rule == record.Rule).ToList();
        return actions.Find(action => ActionRecord.IdOf(record.Service, action.Rule, workflowEvent, action.DeduplicationKey) == record.Id) switch
        {
            null when actions.Count > 0 => (record, $"The rule '{record.Rule}' requests another action for the event now: its 'once' changed, or this action is a follow-up such as a digest."),
            null => (record, $"No rule '{record.Rule}' matches the event now."),
            { Fault: { } fault } => (record, $"The rule still cannot be evaluated for the event: {fault}. Correct the rule, and retry the action."),
            var action => (Replace(record, action), null),
        };
    }

    /// <summary>Compares the stored plan with the plan of the rules in force.</summary>
    public async Task<PlanDifference> CompareAsync(ActionRecord record, CancellationToken cancellationToken)
    {
        var (planned, refusal) = await PlanAsync(record, cancellationToken);
        return refusal is null ? PlanDifference.Compare(record, planned) : PlanDifference.Refuse(refusal);
    }

    private static ActionRecord Replace(ActionRecord record, PlannedAction action) => (record with
    {
        Plan = action.Plan,
        PlanVersion = action.PlanVersion,
        Fault = null,
        RuleVersion = action.RuleVersion,
        Limits = action.Limits,
        Approval = action.Approval,
        IsDryRun = action.IsDryRun,
    }).WithVersion();
}
