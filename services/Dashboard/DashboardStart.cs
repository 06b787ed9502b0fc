namespace MLEvents.Dashboard;

/// <summary>
/// Decides when the dashboard begins the migration of the database, the warm-up of the pages, and the health checks of the other services. By default, this work begins when the service starts.
/// A host that runs several services registers its own instance, so that the work does not slow down the start of the other services.
/// Messages from the broker wait until the migration is done. A message that waits longer than the write time-out is redelivered.
/// </summary>
public sealed class DashboardStart
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the work may begin.</summary>
    public Task Begun => _begun.Task;

    /// <summary>Lets the work begin.</summary>
    public void Begin() => _begun.TrySetResult();
}
