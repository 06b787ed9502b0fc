namespace MLEvents.Ledger;

/// <summary>The result of cancelling the run that an action started, because an operator cancels the action or its approval is rejected or superseded.</summary>
/// <param name="IsAccepted">Whether the action can end: its run was cancelled, has ended, or was never started.</param>
/// <param name="Detail">The answer of the other system, for people.</param>
public sealed record CancelAnswer(bool IsAccepted, string Detail);
