namespace MLEvents.Ledger;

/// <summary>The approval that an action needs before it takes the step of certain stages.</summary>
/// <param name="From">The recipients of the notice: e-mail addresses.</param>
/// <param name="Before">The name of the step that waits, for people.</param>
/// <param name="Stages">The stages whose step waits for the approval. The empty string is the stage before the first step.</param>
/// <param name="Timeout">How long the question is open.</param>
/// <param name="IsApprovedOnTimeout">Whether the action continues after the time-out; otherwise it is skipped.</param>
/// <param name="Required">How many different people must approve.</param>
public sealed record Approval(IReadOnlyList<string> From, string Before, IReadOnlyList<string> Stages, TimeSpan Timeout, bool IsApprovedOnTimeout, int Required);
