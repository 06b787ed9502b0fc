namespace MLEvents.Dashboard;

/// <summary>
/// Delays the migration of the database, the warm-up of the pages, and the health checks of the other services. Until the migration is done, messages from the broker wait, and are
/// redelivered after the write time-out. By default, this work begins when the service starts. A host that runs several services registers its own instance, so that the work does not slow
/// down the start of the other services.
/// </summary>
public sealed class DashboardStart
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the work may begin.</summary>
    public Task Begun => _begun.Task;

    /// <summary>Lets the work begin.</summary>
    public void Begin() => _begun.TrySetResult();
}
