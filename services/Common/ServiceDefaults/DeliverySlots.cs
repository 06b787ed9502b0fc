namespace MLEvents.ServiceDefaults;

/// <summary>
/// Limits how many bulk messages a process handles at the same time, over all topics. Further messages stay in the broker and not in the memory of the service. daprd has no such limit for bulk messages
/// (docs/decisions/134-bulk-deliveries-may-overlap.md).
/// </summary>
internal sealed class DeliverySlots : IDisposable
{
    /// <summary>The largest number of bulk messages that are handled at the same time.</summary>
    public const int Max = 4;

    private readonly SemaphoreSlim _slots = new(Max);
    private int _waiting;

    /// <summary>How many bulk messages wait for a slot. Their bodies are not read yet.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Waits for a slot. Call <see cref="Leave"/> after each completed wait.</summary>
    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await _slots.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Releases the slot.</summary>
    public void Leave() => _slots.Release();

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();
}
