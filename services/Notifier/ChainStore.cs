using System.Globalization;
using System.Security.Cryptography;
using System.Text;

using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.State;
using MLEvents.Ledger;
using MLEvents.Rules;

namespace MLEvents.Notifier;

/// <summary>Remembers the events of each correlation chain, for rules whose templates look at <c>previous</c>: one key a chain, kept as long as the ledger's records.</summary>
internal sealed class ChainStore(DaprClient dapr, IOptions<LedgerOptions> ledger, IOptions<NotifierOptions> options)
{
    /// <summary>The key of a chain: a hash, for a correlation id comes from a tag, which anybody may write, and a store refuses some keys each time it is asked.</summary>
    public static string KeyOf(string correlationId) => $"chain-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(correlationId)))}";

    /// <summary>Notes an event, once however often it is delivered.</summary>
    /// <returns>The events of its chain that happened before it, the oldest first.</returns>
    /// <exception cref="Dapr.DaprException">The state store is away; deliver the message again.</exception>
    public async Task<IReadOnlyList<ChainEvent>> NoteAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        var noted = ChainEvent.Of(workflowEvent, options.Value.StudioBase.OriginalString);
        var chain = new StateDocument<EventChain>(dapr, ledger.Value.StateStore, KeyOf(Correlation.IdOf(workflowEvent)));
        var metadata = new Dictionary<string, string> { ["ttlInSeconds"] = ledger.Value.Retention.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture) };
        var kept = await chain.ChangeAsync(there => (there ?? new()).With(noted), metadata, cancellationToken);
        return kept?.Before(noted) ?? [];
    }
}
