namespace MLEvents.Ledger;

/// <summary>The service that owns the ledger.</summary>
internal sealed class LedgerService(string name)
{
    private readonly string _instance = Guid.NewGuid().ToString("N")[..8];
    private long _claims;

    public string Name => name;

    /// <summary>Creates the token of a claim. Two claims of one process are two owners: they must not work on an action at the same time either.</summary>
    public string NewOwner() => $"{name}-{_instance}-{Interlocked.Increment(ref _claims)}";
}
