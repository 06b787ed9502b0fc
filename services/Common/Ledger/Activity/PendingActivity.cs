using MLEvents.State;

namespace MLEvents.Ledger.Activity;

/// <summary>An event that waits to be published, in one call with other events.</summary>
internal sealed class PendingActivity(ActivityEvent activity, CancellationToken cancellationToken) : BatchedOperation
{
    private readonly TaskCompletionSource _published = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ActivityEvent Event => activity;

    public Task Published => _published.Task;

    public override string Key => "";

    public override int Size => activity.Json.Length;

    public override bool IsAbandoned => cancellationToken.IsCancellationRequested;

    public void Complete() => _published.TrySetResult();

    public override void Fail(Exception exception) => _published.TrySetException(exception);
}
