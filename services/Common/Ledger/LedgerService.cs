namespace MLEvents.Ledger;

/// <summary>The service that owns the ledger.</summary>
/// <param name="name">The name of the service.</param>
/// <param name="endsChains">Whether the actions of the service cause no events except the reports about them.</param>
internal sealed class LedgerService(string name, bool endsChains = false)
{
    private long _claims;

    public string Name => name;

    public bool EndsChains => endsChains;

    /// <summary>The name of this process. Each start has a new name.</summary>
    public string Instance { get; } = $"{name}-{Guid.NewGuid().ToString("N")[..12]}";

    /// <summary>Creates the token of a claim. Each claim has its own token, because two claims of one process must not work on the same action either.</summary>
    public string NewOwner() => $"{Instance}-{Interlocked.Increment(ref _claims)}";
}
