namespace MLEvents.Ledger;

/// <summary>Lets an action create another action, which continues after the first one has ended.</summary>
public interface IFollowUps
{
    /// <summary>Ensures that a follow-up is executed. Repeated calls are harmless, and several actions can request the same follow-up.</summary>
    /// <param name="cause">The action that requests the follow-up. The follow-up takes the event and the correlation id of the first action that requests it.</param>
    /// <param name="followUp">The follow-up.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Whether the follow-up is recorded and waits or runs; false if it has ended.</returns>
    /// <exception cref="Dapr.DaprException">The state store or the broker is unavailable.</exception>
    Task<bool> EnsureAsync(ActionRecord cause, FollowUp followUp, CancellationToken cancellationToken);
}
