using MLEvents.State;

namespace MLEvents.Ingress.Webhook;

/// <summary>Events of one request and topic that wait to be published in a call.</summary>
internal sealed class PendingEvents(IReadOnlyList<PublishedEvent> events, int size, CancellationToken cancellationToken) : BatchedOperation
{
    private readonly TaskCompletionSource _published = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<PublishedEvent> Events => events;

    public Task Published => _published.Task;

    public override string Key => "";

    public override int Size => size;

    public override bool IsAbandoned => cancellationToken.IsCancellationRequested;

    public void Complete() => _published.TrySetResult();

    public override void Fail(Exception exception) => _published.TrySetException(exception);
}
