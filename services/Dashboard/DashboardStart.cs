namespace MLEvents.Dashboard;

/// <summary>
/// Delays the work that only the pages need: the migration of the database, the warm-up, and the watch on the health of the services. Before this work begins, the dashboard already
/// takes messages from the broker, and stores them later. By default, the work begins with the service. A host that runs several services registers its own instance, so that the work
/// does not slow down the start of the others.
/// </summary>
public sealed class DashboardStart
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the work may begin.</summary>
    public Task Begun => _begun.Task;

    /// <summary>Lets the work begin.</summary>
    public void Begin() => _begun.TrySetResult();
}
