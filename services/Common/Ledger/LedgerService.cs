namespace MLEvents.Ledger;

/// <summary>The service that owns the ledger.</summary>
/// <param name="name">The name of the service.</param>
/// <param name="endsChains">Whether no event follows from what the service does.</param>
internal sealed class LedgerService(string name, bool endsChains = false)
{
    private long _claims;

    public string Name => name;

    public bool EndsChains => endsChains;

    /// <summary>Names this process. Each start has a name of its own.</summary>
    public string Instance { get; } = $"{name}-{Guid.NewGuid().ToString("N")[..12]}";

    /// <summary>Creates the token of a claim. Two claims of one process are two owners: they must not work on an action at the same time either.</summary>
    public string NewOwner() => $"{Instance}-{Interlocked.Increment(ref _claims)}";
}
