using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules.Plans;
using MLEvents.Rules.Templates;
using MLEvents.ServiceDefaults;
using MLEvents.State;

namespace MLEvents.Notifier;

/// <summary>Stores the events of each correlation chain for rules whose templates use <c>previous</c>: one key for each chain, kept as long as the ledger's records.</summary>
internal sealed class ChainStore(DaprClient dapr, IOptions<LedgerOptions> ledger, IOptions<StudioOptions> studio)
{
    /// <summary>The key of a chain. It is a hash, because the correlation id comes from a tag that may contain any text, and stores refuse some keys.</summary>
    public static string KeyOf(string correlationId) => $"chain-{StateKey.Hash(correlationId)}";

    /// <summary>Adds an event to its chain. A redelivered event is added only once.</summary>
    /// <returns>The events of the chain that happened before this event, the oldest first.</returns>
    /// <exception cref="Dapr.DaprException">The state store is unavailable; the event must be redelivered.</exception>
    public async Task<IReadOnlyList<ChainEvent>> AddAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        var added = ChainEvent.From(workflowEvent, studio.Value.StudioBase);
        var document = new StateDocument<EventChain>(dapr, ledger.Value.StateStore, KeyOf(Correlation.IdOf(workflowEvent)));
        var chain = await document.UpdateAsync(stored => (stored ?? new()).With(added), TimeToLive.After(ledger.Value.Retention), cancellationToken);
        return chain?.Before(added) ?? [];
    }
}
