namespace MLEvents.Ledger;

/// <summary>Lets an action create another one, which outlives it.</summary>
public interface IFollowUps
{
    /// <summary>Makes sure that a follow-up is executed. Repetitions are harmless, and several actions can ask for the same one.</summary>
    /// <param name="cause">The action that asks for it. The event and the correlation id of the first one become those of the follow-up.</param>
    /// <param name="followUp">The follow-up.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether it waits or runs, and is recorded; false if it has ended.</returns>
    /// <exception cref="Dapr.DaprException">The state store or the broker is unavailable.</exception>
    Task<bool> EnsureAsync(ActionRecord cause, FollowUp followUp, CancellationToken cancellationToken);
}
