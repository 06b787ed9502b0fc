namespace MLEvents.Ledger;

/// <summary>Lets one action at a time change a resource that several actions share, such as the traffic of an endpoint. The locks are in the ledger's state store.</summary>
public interface IResourceLock
{
    /// <summary>Takes the lock of a resource, or renews it if the action holds it.</summary>
    /// <param name="name">The name of the resource.</param>
    /// <param name="action">The action's id.</param>
    /// <param name="maxDuration">How long the lock is valid if the action never releases it. It must be longer than the change takes.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Whether the action holds the lock; if not, another action does.</returns>
    Task<bool> TryTakeAsync(string name, string action, TimeSpan maxDuration, CancellationToken cancellationToken);

    /// <summary>Releases a lock. Nothing happens if the action does not hold it.</summary>
    Task ReleaseAsync(string name, string action, CancellationToken cancellationToken);
}
