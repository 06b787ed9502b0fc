namespace MLEvents.Ledger;

/// <summary>What became of the run that an action started, when an operator cancelled the action.</summary>
/// <param name="IsAccepted">Whether the action can end: its run was cancelled, has ended, or was never started.</param>
/// <param name="Detail">What the other system answered, for people.</param>
public sealed record CancelAnswer(bool IsAccepted, string Detail);
