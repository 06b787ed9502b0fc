using System.Globalization;

using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.State;
using MLEvents.Ledger;

namespace MLEvents.Notifier.Throttling;

/// <summary>What an action is in a period.</summary>
internal enum ThrottleSlot
{
    /// <summary>Not in it, for it has no room without a digest, or is closed.</summary>
    None,

    /// <summary>It sends a mail of its own.</summary>
    Single,

    /// <summary>The digest sums it up.</summary>
    DigestEntry,
}

/// <summary>Who sends a mail of its own in a period, and who is summed up. Each place is one conditional write, which a repetition finds again.</summary>
internal sealed class ThrottleStore(DaprClient dapr, IOptions<LedgerOptions> options, TimeProvider time)
{
    /// <summary>Finds an action's place, or takes one of those that send a mail of their own.</summary>
    public async Task<ThrottleSlot> TakeAsync(ThrottleKey key, int max, string action, CancellationToken cancellationToken)
    {
        var head = await ChangeHeadAsync(
            key,
            there => there.IsClosed || there.Single.Count >= max || there.Single.Contains(action) || there.Sums(action) ? null : there with { Single = [.. there.Single, action] },
            cancellationToken);
        return head.Single.Contains(action) ? ThrottleSlot.Single : await SummedAsync(key, head, action, cancellationToken);
    }

    /// <summary>Adds an action to those that are summed up. Only once the digest is surely to come.</summary>
    public async Task<ThrottleSlot> AddAsync(ThrottleKey key, DigestEntry summed, CancellationToken cancellationToken)
    {
        var head = await ChangeHeadAsync(
            key, there => there.IsClosed || there.IsFull || there.Sums(summed.Action) ? null : there with { Summed = [.. there.Summed, summed] }, cancellationToken);
        if (!head.IsFull || head.Sums(summed.Action))
        {
            return head.Sums(summed.Action) ? ThrottleSlot.DigestEntry : ThrottleSlot.None;
        }

        var tail = await ChangeTailAsync(
            key, OverflowShard.Of(summed.Action), there => there.IsClosed || there.Actions.Contains(summed.Action) ? null : there with { Actions = [.. there.Actions, summed.Action] }, cancellationToken);
        return tail.Actions.Contains(summed.Action) ? ThrottleSlot.DigestEntry : ThrottleSlot.None;
    }

    /// <summary>Closes a period: from then on it stays as it is. The head first, and then the tails, so that what a full head sends on is still counted.</summary>
    public async Task<ClosedPeriod> CloseAsync(ThrottleKey key, CancellationToken cancellationToken)
    {
        var head = await ChangeHeadAsync(key, there => there.IsClosed ? null : there with { IsClosed = true }, cancellationToken);
        var more = 0;
        for (var tail = 0; head.IsFull && tail < OverflowShard.Count; tail++)
        {
            more += (await ChangeTailAsync(key, tail, there => there.IsClosed ? null : there with { IsClosed = true }, cancellationToken)).Actions.Count;
        }

        return new(head.Summed, more, head.Single.Count > 0);
    }

    private async Task<ThrottleSlot> SummedAsync(ThrottleKey key, ThrottleWindow head, string action, CancellationToken cancellationToken)
    {
        var isSummed = head.Sums(action) || (head.IsFull && (await ChangeTailAsync(key, OverflowShard.Of(action), _ => null, cancellationToken)).Actions.Contains(action));
        return isSummed ? ThrottleSlot.DigestEntry : ThrottleSlot.None;
    }

    private async Task<ThrottleWindow> ChangeHeadAsync(ThrottleKey key, Func<ThrottleWindow, ThrottleWindow?> change, CancellationToken cancellationToken) =>
        await new StateDocument<ThrottleWindow>(dapr, options.Value.StateStore, key.StoreKey)
            .ChangeAsync(there => change(there ?? new()), TimeToLive(key.Period), cancellationToken) ?? new();

    private async Task<OverflowShard> ChangeTailAsync(ThrottleKey key, int tail, Func<OverflowShard, OverflowShard?> change, CancellationToken cancellationToken) =>
        await new StateDocument<OverflowShard>(dapr, options.Value.StateStore, string.Create(CultureInfo.InvariantCulture, $"{key.StoreKey}-{tail}"))
            .ChangeAsync(there => change(there ?? new()), TimeToLive(key.Period), cancellationToken) ?? new();

    // As long as the records of the period's actions, which may ask again.
    private Dictionary<string, string> TimeToLive(ThrottlePeriod period)
    {
        var now = time.GetUtcNow();
        var until = (period.End > now ? period.End : now) + options.Value.Retention;
        return new() { ["ttlInSeconds"] = (until - now).TotalSeconds.ToString("F0", CultureInfo.InvariantCulture) };
    }
}
