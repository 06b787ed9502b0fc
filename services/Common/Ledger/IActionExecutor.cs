namespace MLEvents.Ledger;

/// <summary>The work of one service: a small state machine over an action's record.</summary>
public interface IActionExecutor
{
    /// <summary>Takes the next step of an action.</summary>
    /// <remarks>
    /// May be called again for a step that was taken already, after a crash between the step and its record; remote names derived from the
    /// record's id make that harmless. Takes a few seconds at most; longer work is waited for with <see cref="Continue"/>.
    /// An exception counts as <see cref="Retry"/>.
    /// </remarks>
    /// <param name="record">The action, whose lease the caller holds.</param>
    /// <param name="cancellationToken">Cancelled when the lease is lost or the service stops.</param>
    Task<StepResult> StepAsync(ActionRecord record, CancellationToken cancellationToken);
}
