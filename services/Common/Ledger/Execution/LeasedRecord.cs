using MLEvents.Ledger.Records;

namespace MLEvents.Ledger.Execution;

/// <summary>The stored record of a claim. The write of a step's result needs its ETag, so it is read while the step runs.</summary>
internal sealed class LeasedRecord(RecordStore records, Claim claim, TimeSpan lease, TimeProvider time)
{
    private Task<Stored?>? _ahead = records.FindAsync(claim.Id, CancellationToken.None);

    /// <summary>Finds the record.</summary>
    /// <returns>Null if the claim has lost the lease.</returns>
    public async Task<Stored?> FindAsync(CancellationToken cancellationToken)
    {
        var stored = await (Interlocked.Exchange(ref _ahead, null) is { } ahead ? ReuseOrFindAsync(ahead, cancellationToken) : records.FindAsync(claim.Id, cancellationToken));
        return stored?.Record.LeaseOwner == claim.Owner ? stored : null;
    }

    // No other replica can have taken the action in the first half of the lease, because the clocks of replicas differ by at most the other half.
    private async Task<Stored?> ReuseOrFindAsync(Task<Stored?> ahead, CancellationToken cancellationToken) =>
        await ahead is { } stored && time.GetUtcNow() < stored.Record.LeaseUntil - (lease / 2) ? stored : await records.FindAsync(claim.Id, cancellationToken);
}
