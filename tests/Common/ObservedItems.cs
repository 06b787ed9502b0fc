namespace MLEvents.Tests.Common;

/// <summary>The items that a test has observed so far. The test can wait for expected items.</summary>
/// <typeparam name="T">The type of the items.</typeparam>
public sealed class ObservedItems<T>
{
    private readonly Lock _lock = new();
    private readonly List<T> _all = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// How long <see cref="FirstAsync"/> and <see cref="AtLeastAsync"/> wait. Default 3 min, because the first step of a process can take more than one minute on a busy
    /// machine. Only a failing test waits that long.
    /// </summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>All items so far, in order.</summary>
    public IReadOnlyList<T> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _all];
            }
        }
    }

    /// <summary>Adds an item.</summary>
    public void Add(T item)
    {
        TaskCompletionSource more;
        lock (_lock)
        {
            _all.Add(item);
            (more, _more) = (_more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        more.SetResult();
    }

    /// <summary>Waits for the first item that meets a condition.</summary>
    /// <exception cref="TimeoutException">No item met the condition before the deadline. The message contains the observed items.</exception>
    public async Task<T> FirstAsync(Func<T, bool> fits, CancellationToken cancellationToken) => (await AtLeastAsync(1, fits, cancellationToken))[0];

    /// <summary>Waits until at least the given number of items meet a condition, and returns all items that meet it.</summary>
    /// <exception cref="TimeoutException">Fewer items met the condition before the deadline. The message contains the observed items.</exception>
    public async Task<IReadOnlyList<T>> AtLeastAsync(int count, Func<T, bool> fits, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Deadline, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        while (true)
        {
            var (all, more) = Snapshot();
            if (all.FindAll(item => fits(item)) is { } found && found.Count >= count)
            {
                return found;
            }

            try
            {
                await more.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested)
            {
                throw new TimeoutException($"Too few items met the condition within {Deadline.TotalSeconds} s; all items: {string.Join("\n", all)}");
            }
        }
    }

    private (List<T> All, Task More) Snapshot()
    {
        lock (_lock)
        {
            return ([.. _all], _more.Task);
        }
    }
}
