using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.State;

namespace MLEvents.Deployer.Queueing;

/// <summary>Queues in the ledger's state store, one document for each endpoint. Every change is conditional on the document's ETag.</summary>
internal sealed class StoredEndpointQueues(DaprClient dapr, IOptions<LedgerOptions> options, TimeProvider time) : IEndpointQueues
{
    private const int HashLength = 40;

    public async Task<QueuePosition> EnterAsync(RolloutPlan plan, string action, TimeSpan lease, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var entry = new QueuedRollout(action, plan.SupersedingModel, plan.Version, now, now + lease) { IsRollback = plan.Purpose == RolloutPurpose.Rollback };
        var queue = await DocumentOf(plan).UpdateAsync(stored => (stored ?? EndpointQueue.Empty).Enter(entry, now), TimeToLive.Unset, cancellationToken);
        return (queue ?? throw new InvalidOperationException($"The queue of endpoint {plan.Endpoint} was not written.")).PositionOf(action);
    }

    public Task LeaveAsync(RolloutPlan plan, string action, CancellationToken cancellationToken) => DocumentOf(plan).UpdateAsync(
        stored => stored is not null && stored.Entries.Any(entry => entry.Action == action) ? stored.Leave(action) : null, TimeToLive.Unset, cancellationToken);

    // ARM ids are case-insensitive, so two spellings of an endpoint must map to one queue.
    private StateDocument<EndpointQueue> DocumentOf(RolloutPlan plan) =>
        new(dapr, options.Value.StateStore, $"rollouts-{StateKey.Hash(ArmId.Normalize($"{plan.WorkspaceId}/onlineEndpoints/{plan.Endpoint}"), HashLength)}");
}
