using MLEvents.Events;
using MLEvents.Ledger.Planning;

namespace MLEvents.Ledger.Execution;

/// <summary>Runs the actions that operators request. They run in the same way as the actions of rules.</summary>
internal sealed class RequestedActions<TPlan>(LedgerService service, TypedPlanning<TPlan> planning, ActionRunner runner) : IRequestedActions<TPlan>
    where TPlan : class
{
    public async Task<string> StartAsync(WorkflowEvent request, ActionRequest<TPlan> action, Intervention by, CancellationToken cancellationToken)
    {
        await runner.RunAsync(request, [planning.Plan(action, request) with { Intervention = by }], cancellationToken);
        return ActionRecord.IdOf(service.Name, action.Rule, request, action.DeduplicationKey);
    }
}
