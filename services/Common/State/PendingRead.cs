namespace MLEvents.State;

/// <summary>A read that waits to be sent in a call.</summary>
internal sealed class PendingRead(string key, CancellationToken cancellationToken) : BatchedOperation
{
    private readonly TaskCompletionSource<StateItem?> _item = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<StateItem?> Item => _item.Task;

    public override string Key => key;

    public override int Size => key.Length;

    public override bool IsAbandoned => cancellationToken.IsCancellationRequested;

    public void Complete(StateItem? item) => _item.TrySetResult(item);

    public override void Fail(Exception exception) => _item.TrySetException(exception);
}
