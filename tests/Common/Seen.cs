namespace MLEvents.Tests.Common;

/// <summary>What a test has seen so far, and a way to wait for what it expects to see.</summary>
/// <typeparam name="T">What is seen.</typeparam>
public sealed class Seen<T>
{
    private readonly Lock _lock = new();
    private readonly List<T> _all = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How long <see cref="FirstAsync"/> waits. Default 60 s: only a failing test waits that long.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>All so far, in the order in which they came.</summary>
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

    /// <summary>Adds one.</summary>
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

    /// <summary>The first of those that fit, as soon as there is one.</summary>
    /// <exception cref="TimeoutException">There is none by the deadline; the message lists what was seen instead.</exception>
    public async Task<T> FirstAsync(Func<T, bool> fits, CancellationToken cancellationToken) => (await AtLeastAsync(1, fits, cancellationToken))[0];

    /// <summary>Those that fit, as soon as there are as many.</summary>
    /// <exception cref="TimeoutException">There are fewer by the deadline; the message lists what was seen.</exception>
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
                throw new TimeoutException($"Not seen within {Deadline.TotalSeconds} s; seen: {string.Join("\n", all)}");
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
