using MLEvents.Events;

namespace MLEvents.Ledger.Chains;

/// <summary>Looks up the chain of a registered model whose event does not name the chain.</summary>
public interface IChainLookup
{
    /// <summary>Finds the chain.</summary>
    /// <param name="registered">The event of the registered model.</param>
    /// <param name="cancellationToken">Ends the search, which takes at most <see cref="ChainOptions.Wait"/>.</param>
    /// <returns>The chain; <see cref="JoinedChain.None"/> if the model is known to belong to none; null if the chain is not known yet, and a later call may find it.</returns>
    /// <exception cref="Dapr.DaprException">The state store is unavailable.</exception>
    Task<JoinedChain?> FindAsync(WorkflowEvent registered, CancellationToken cancellationToken);
}

/// <summary>Finds the chains that another service has recorded.</summary>
internal sealed class RecordedChainLookup(IChainRecords records) : IChainLookup
{
    public async Task<JoinedChain?> FindAsync(WorkflowEvent registered, CancellationToken cancellationToken) =>
        await records.FindEventAsync(registered, cancellationToken) ?? (records.IsAvailable ? null : JoinedChain.None);
}
