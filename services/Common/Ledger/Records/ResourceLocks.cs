using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.State;

namespace MLEvents.Ledger.Records;

/// <summary>Stores locks as documents in a Dapr state store. ETags ensure that only one action holds a lock.</summary>
internal sealed class ResourceLocks(DaprClient dapr, IOptions<LedgerOptions> options, TimeProvider time) : IResourceLock
{
    private const int HashLength = 40;

    public async Task<bool> TryTakeAsync(string name, string action, TimeSpan maxDuration, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var held = await DocumentOf(name).UpdateAsync(
            stored => stored is not null && stored.Action != action && stored.Until > now ? null : new ResourceLock(action, now + maxDuration), TimeToLive.Unset, cancellationToken);
        return held?.Action == action;
    }

    public Task ReleaseAsync(string name, string action, CancellationToken cancellationToken) =>
        DocumentOf(name).UpdateAsync(stored => stored?.Action == action ? stored with { Until = DateTimeOffset.MinValue } : null, TimeToLive.Unset, cancellationToken);

    // ARM ids are case-insensitive, so two spellings of an endpoint must map to one lock.
    private StateDocument<ResourceLock> DocumentOf(string name) => new(dapr, options.Value.StateStore, $"hold-{StateKey.Hash(ArmId.Normalize(name), HashLength)}");
}

/// <summary>A lock on a resource.</summary>
/// <param name="Action">The id of the action that holds the lock.</param>
/// <param name="Until">The time at which the lock expires if the action does not release it first.</param>
internal sealed record ResourceLock(string Action, DateTimeOffset Until);
