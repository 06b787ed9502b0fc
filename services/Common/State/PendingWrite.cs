namespace MLEvents.State;

/// <summary>A write that waits to be sent in a call.</summary>
internal sealed class PendingWrite(StateWrite write, CancellationToken cancellationToken) : BatchedOperation
{
    private readonly TaskCompletionSource<StateWriteResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StateWrite Write => write;

    public Task<StateWriteResult> Result => _result.Task;

    public override string Key => write.Key;

    public override int Size => write.Key.Length + write.Json.Length;

    public override bool IsAbandoned => cancellationToken.IsCancellationRequested;

    public void Complete(StateWriteResult result) => _result.TrySetResult(result);

    public override void Fail(Exception exception) => _result.TrySetException(exception);
}
