namespace MLEvents.Ledger;

/// <summary>Executes the actions of a service: a small state machine over an action's record.</summary>
/// <typeparam name="TPlan">The type of the service's plans.</typeparam>
public interface IActionExecutor<TPlan>
    where TPlan : class
{
    /// <summary>Takes the next step of an action.</summary>
    /// <remarks>
    /// The ledger repeats a step if the process ended before the result was recorded. Remote names that are derived from the record's id make the
    /// repetition harmless. A step should take a few seconds; only the repetition of an interrupted step may take longer. To wait for
    /// longer work, a step returns <see cref="Continue"/>. An exception counts as <see cref="Retry"/>.
    /// </remarks>
    /// <param name="record">The action, whose lease the caller holds.</param>
    /// <param name="plan">The plan of the action.</param>
    /// <param name="cancellationToken">Cancelled when the lease is lost or the service stops.</param>
    Task<StepResult> StepAsync(ActionRecord record, TPlan plan, CancellationToken cancellationToken);

    /// <summary>Finds out whether an action that waits for an approval is still wanted. The ledger calls this method at intervals, so the method can also renew the action's place in a queue.</summary>
    /// <returns>The reason, for people, why the action is not wanted; the ledger then closes the question for the approval and skips the action. Null if the action is wanted.</returns>
    Task<string?> FindObstacleAsync(ActionRecord record, TPlan plan, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <summary>The credential that the next step of an action needs, as <see cref="CredentialRefused.Key"/> names it. The ledger calls this method only while a credential is refused.</summary>
    /// <returns>Null if the credential is not known before the step.</returns>
    string? FindCredential(ActionRecord record, TPlan plan) => null;

    /// <summary>The facts, by name, that the question for an approval and the report of a dry run show to people.</summary>
    IReadOnlyDictionary<string, string> DescribeEvidence(ActionRecord record, TPlan plan) => new Dictionary<string, string>();

    /// <summary>The facts that other systems report when an approval is requested, in addition to <see cref="DescribeEvidence"/>. The call must not fail if such a system is unavailable.</summary>
    Task<IReadOnlyDictionary<string, string>> ReadEvidenceAsync(ActionRecord record, TPlan plan, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string>());

    /// <summary>
    /// Cancels the work that the action started in another system. A repeated call is harmless.
    /// The ledger calls this method if an operator cancels the action, or if its approval is rejected or superseded.
    /// </summary>
    /// <param name="record">The action. The caller holds its lease.</param>
    /// <param name="plan">The plan of the action.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The answer of the other system; null if the service cancels nothing there.</returns>
    Task<CancelAnswer?> CancelAsync(ActionRecord record, TPlan plan, CancellationToken cancellationToken) => Task.FromResult<CancelAnswer?>(null);
}
