namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>An operation for the broker's loop.</summary>
internal abstract class StoreOperation
{
    /// <summary>Makes the loop check for commits of other processes.</summary>
    public static StoreOperation Poll { get; } = new StoreOperation<bool>(_ => true);

    public abstract void Run(BrokerStore store);

    public abstract void Complete();

    public abstract void Fail(Exception error);
}

/// <inheritdoc/>
internal sealed class StoreOperation<T>(Func<BrokerStore, T> work) : StoreOperation
    where T : notnull
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Task => _done.Task;

    public override void Run(BrokerStore store) => _result = work(store);

    public override void Complete()
    {
        if (_result is { } result)
        {
            _done.SetResult(result);
        }
    }

    public override void Fail(Exception error) => _done.SetException(error);
}
