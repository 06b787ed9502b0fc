using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules.Plans;
using MLEvents.State;

namespace MLEvents.Notifier.States;

/// <summary>Stores the state of alerts: one key of the state store for each rule and alert. Each decision is one conditional write.</summary>
internal sealed class AlertStateStore(DaprClient dapr, IOptions<LedgerOptions> options, TimeProvider time)
{
    private const int HashLength = 40;

    /// <summary>Decides whether an action sends its message.</summary>
    /// <exception cref="Dapr.DaprException">The state store is unavailable: nothing is sent.</exception>
    public async Task<AlertDecision> DecideAsync(ActionRecord record, StatePlan plan, CancellationToken cancellationToken)
    {
        var happened = record.ReadEvent().Time ?? record.CreatedAt;
        AlertDecision? decision = null;
        await DocumentOf(record.Rule, plan.Key).UpdateAsync(
            stored =>
            {
                var before = stored ?? new();
                (var next, decision) = before.Decide(record.RemoteId, plan.IsOpening, happened, plan.Remind, time.GetUtcNow());
                return ReferenceEquals(next, before) ? null : next;
            },
            TimeToLive.After(options.Value.Retention),
            cancellationToken);
        return decision ?? throw new InvalidOperationException($"The state of alert '{plan.Key}' made no decision.");
    }

    private StateDocument<AlertStateDocument> DocumentOf(string rule, string key) => new(dapr, options.Value.StateStore, $"alert-{StateKey.Hash($"{rule}\n{ArmId.NormalizeWhole(key)}", HashLength)}");
}
