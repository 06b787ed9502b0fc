using System.Globalization;

using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.Ledger;
using MLEvents.State;

namespace MLEvents.Notifier.Throttling;

/// <summary>The slot of an action in a throttle period.</summary>
internal enum ThrottleSlot
{
    /// <summary>No slot: the limit of the period is reached and the digest does not contain the action, or the period is closed.</summary>
    None,

    /// <summary>The action sends its own message.</summary>
    Single,

    /// <summary>The digest lists or counts the action.</summary>
    DigestEntry,
}

/// <summary>
/// Stores which actions of a period send a separate message, and which actions the digest contains. A slot is taken with one conditional write. A repeated step gets
/// the same slot.
/// </summary>
internal sealed class ThrottleStore(DaprClient dapr, IOptions<LedgerOptions> options, TimeProvider time)
{
    /// <summary>Finds the slot of an action, or takes a slot for a separate message.</summary>
    public async Task<ThrottleSlot> TakeAsync(ThrottleKey key, int max, string action, CancellationToken cancellationToken)
    {
        var window = await UpdateWindowAsync(
            key,
            stored => stored.IsClosed || stored.Single.Count >= max || stored.Single.Contains(action) || stored.Lists(action) ? null : stored with { Single = [.. stored.Single, action] },
            cancellationToken);
        return window.Single.Contains(action) ? ThrottleSlot.Single : await FindDigestSlotAsync(key, window, action, cancellationToken);
    }

    /// <summary>Adds an action to the digest. The caller must ensure that the digest will be sent.</summary>
    public async Task<ThrottleSlot> AddAsync(ThrottleKey key, DigestEntry entry, CancellationToken cancellationToken)
    {
        var window = await UpdateWindowAsync(
            key, stored => stored.IsClosed || stored.IsFull || stored.Lists(entry.Action) ? null : stored with { Summed = [.. stored.Summed, entry] }, cancellationToken);
        if (!window.IsFull || window.Lists(entry.Action))
        {
            return window.Lists(entry.Action) ? ThrottleSlot.DigestEntry : ThrottleSlot.None;
        }

        var overflow = await UpdateOverflowAsync(
            key, OverflowShard.For(entry.Action), stored => stored.IsClosed || stored.Actions.Contains(entry.Action) ? null : stored with { Actions = [.. stored.Actions, entry.Action] }, cancellationToken);
        return overflow.Actions.Contains(entry.Action) ? ThrottleSlot.DigestEntry : ThrottleSlot.None;
    }

    /// <summary>Closes a period: it accepts no more actions. The window is closed before the overflow shards, so that the shards still count actions that a full window passes on.</summary>
    public async Task<ClosedPeriod> CloseAsync(ThrottleKey key, CancellationToken cancellationToken)
    {
        var window = await UpdateWindowAsync(key, stored => stored.IsClosed ? null : stored with { IsClosed = true }, cancellationToken);
        var more = 0;
        for (var shard = 0; window.IsFull && shard < OverflowShard.Count; shard++)
        {
            more += (await UpdateOverflowAsync(key, shard, stored => stored.IsClosed ? null : stored with { IsClosed = true }, cancellationToken)).Actions.Count;
        }

        return new(window.Summed, more, window.Single.Count > 0);
    }

    private async Task<ThrottleSlot> FindDigestSlotAsync(ThrottleKey key, ThrottleWindow window, string action, CancellationToken cancellationToken)
    {
        var isInDigest = window.Lists(action) || (window.IsFull && (await UpdateOverflowAsync(key, OverflowShard.For(action), _ => null, cancellationToken)).Actions.Contains(action));
        return isInDigest ? ThrottleSlot.DigestEntry : ThrottleSlot.None;
    }

    private async Task<ThrottleWindow> UpdateWindowAsync(ThrottleKey key, Func<ThrottleWindow, ThrottleWindow?> change, CancellationToken cancellationToken) =>
        await new StateDocument<ThrottleWindow>(dapr, options.Value.StateStore, key.StoreKey)
            .UpdateAsync(stored => change(stored ?? new()), TimeToLiveOf(key.Period), cancellationToken) ?? new();

    private async Task<OverflowShard> UpdateOverflowAsync(ThrottleKey key, int shard, Func<OverflowShard, OverflowShard?> change, CancellationToken cancellationToken) =>
        await new StateDocument<OverflowShard>(dapr, options.Value.StateStore, string.Create(CultureInfo.InvariantCulture, $"{key.StoreKey}-{shard}"))
            .UpdateAsync(stored => change(stored ?? new()), TimeToLiveOf(key.Period), cancellationToken) ?? new();

    // The documents are stored as long as the records of the period's actions, because the steps of these actions can be repeated.
    private TimeToLive TimeToLiveOf(ThrottlePeriod period)
    {
        var now = time.GetUtcNow();
        return TimeToLive.After((period.End > now ? period.End : now) + options.Value.Retention - now);
    }
}
