using MLEvents.Ledger.Records;

namespace MLEvents.Ledger.Execution;

/// <summary>The stored record of a claimed action. It is read while the step runs, because the write of the step's result needs the ETag of the record.</summary>
internal sealed class LeasedRecord(RecordStore records, Claim claim, TimeSpan lease, TimeProvider time)
{
    private Task<Stored?>? _earlyRead = records.FindAsync(claim.Id, CancellationToken.None);

    /// <summary>Finds the record.</summary>
    /// <returns>Null if the claim has lost the lease.</returns>
    public async Task<Stored?> FindAsync(CancellationToken cancellationToken)
    {
        var stored = await (Interlocked.Exchange(ref _earlyRead, null) is { } earlyRead ? ReuseOrFindAsync(earlyRead, cancellationToken) : records.FindAsync(claim.Id, cancellationToken));
        return stored?.Record.LeaseOwner == claim.Owner ? stored : null;
    }

    // In the first half of the lease, the early read is still valid. No other replica can see the lease as expired, because the clocks of replicas must not differ by more than half a lease.
    private async Task<Stored?> ReuseOrFindAsync(Task<Stored?> earlyRead, CancellationToken cancellationToken) =>
        await earlyRead is { } stored && time.GetUtcNow() < stored.Record.LeaseUntil - (lease / 2) ? stored : await records.FindAsync(claim.Id, cancellationToken);
}
