namespace MLEvents.Conformance;

/// <summary>Holds the calls to an app until a number of them are under way, and then releases them at the same time. Repeats this for a number of rounds; later calls are not held.</summary>
/// <param name="calls">The number of calls in a round.</param>
/// <param name="rounds">The number of rounds.</param>
internal sealed class OverlappingCalls(int calls, int rounds)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _round = NewRound();
    private int _held;
    private int _ended;

    /// <summary>The number of rounds that have ended.</summary>
    public int Ended => Volatile.Read(ref _ended);

    /// <summary>Waits until the round of a call is complete.</summary>
    /// <returns>False, without a wait, if the last round has ended.</returns>
    public async Task<bool> HoldAsync(CancellationToken cancellationToken)
    {
        Task round;
        lock (_lock)
        {
            if (_ended == rounds)
            {
                return false;
            }

            round = _round.Task;
            if (++_held == calls)
            {
                (_held, _ended) = (0, _ended + 1);
                _round.SetResult();
                _round = NewRound();
            }
        }

        await round.WaitAsync(cancellationToken);
        return true;
    }

    private static TaskCompletionSource NewRound() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
