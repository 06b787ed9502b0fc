using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

using MLEvents.Events;
using MLEvents.Events.Limits;

namespace MLEvents.Ledger.Planning;

/// <summary>Connects the typed planner and executor of a service with the stored form of its plans.</summary>
internal sealed class TypedPlanning<TPlan>(LedgerService service, IActionPlanner<TPlan> planner, IActionExecutor<TPlan> executor, PlanFormat<TPlan> format) : IPlanning
    where TPlan : class
{
    public async Task<IReadOnlyList<PlannedAction>> PlanAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken) =>
        [.. (await planner.PlanAsync(workflowEvent, cancellationToken)).Select(request => Plan(request, workflowEvent))];

    public bool NeedsChain(WorkflowEvent workflowEvent) => planner.NeedsChain(workflowEvent);

    public string? FindWaitingAction(WorkflowEvent workflowEvent) => planner.FindWaitingAction(workflowEvent);

    public IReadOnlyList<Limit> FindLimits(ActionRecord record) => planner.FindLimits(record);

    public Task<StepResult> StepAsync(ActionRecord record, CancellationToken cancellationToken) => TryRead(record.Plan, out var plan, out var error)
        ? executor.StepAsync(record, plan, cancellationToken)
        : Task.FromResult<StepResult>(new Failed
        {
            Detail = $"The stored plan of action {record.Id} cannot be read as {typeof(TPlan).Name}: {error} Replay the event with force to create a new plan.",
        });

    public Task<string?> FindObstacleAsync(ActionRecord record, CancellationToken cancellationToken) =>
        TryRead(record.Plan, out var plan, out _) ? executor.FindObstacleAsync(record, plan, cancellationToken) : Task.FromResult<string?>(null);

    public string? FindCredential(ActionRecord record) => TryRead(record.Plan, out var plan, out _) ? executor.FindCredential(record, plan) : null;

    public IReadOnlyDictionary<string, string> DescribeEvidence(ActionRecord record) =>
        TryRead(record.Plan, out var plan, out _) ? executor.DescribeEvidence(record, plan) : new Dictionary<string, string>();

    public Task<IReadOnlyDictionary<string, string>> ReadEvidenceAsync(ActionRecord record, CancellationToken cancellationToken) => TryRead(record.Plan, out var plan, out _)
        ? executor.ReadEvidenceAsync(record, plan, cancellationToken)
        : Task.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string>());

    public Task<CancelAnswer?> CancelAsync(ActionRecord record, CancellationToken cancellationToken) =>
        TryRead(record.Plan, out var plan, out _) ? executor.CancelAsync(record, plan, cancellationToken) : Task.FromResult<CancelAnswer?>(null);

    /// <summary>Plans one action, in the stored form.</summary>
    public PlannedAction Plan(ActionRequest<TPlan> request, WorkflowEvent workflowEvent)
    {
        var (plan, fault) = request.Plan(ActionRecord.IdOf(service.Name, request.Rule, workflowEvent, request.DeduplicationKey));
        return new PlannedAction(request.Rule, request.RuleVersion, plan is null ? default : JsonSerializer.SerializeToElement(plan, format.Type), fault)
        {
            DeduplicationKey = request.DeduplicationKey,
            PlanVersion = format.Version,
            Limits = request.Limits.Count == 0 ? null : request.Limits,
            Approval = request.Approval,
            IsDryRun = request.IsDryRun,
        };
    }

    private bool TryRead(JsonElement json, [NotNullWhen(true)] out TPlan? plan, [NotNullWhen(false)] out string? error)
    {
        try
        {
            plan = json.ValueKind is JsonValueKind.Undefined ? null : json.Deserialize(format.Type);
            error = plan is null ? "it is empty." : null;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            // System.Text.Json throws NotSupportedException for a missing or unknown kind of plan.
            (plan, error) = (null, exception.Message);
        }

        return plan is not null;
    }
}
