namespace MLEvents.Ledger;

/// <summary>The service that owns the ledger.</summary>
internal sealed class LedgerService(string name)
{
    private long _claims;

    public string Name => name;

    /// <summary>Names this process. Each start has a name of its own.</summary>
    public string Instance { get; } = $"{name}-{Guid.NewGuid().ToString("N")[..12]}";

    /// <summary>Creates the token of a claim. Two claims of one process are two owners: they must not work on an action at the same time either.</summary>
    public string NewOwner() => $"{Instance}-{Interlocked.Increment(ref _claims)}";
}
