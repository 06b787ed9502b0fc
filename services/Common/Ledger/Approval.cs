namespace MLEvents.Ledger;

/// <summary>The approval that an action needs before it takes the step of certain stages.</summary>
/// <param name="From">Whom the notice goes to: e-mail addresses.</param>
/// <param name="Before">The name of the step that waits, for people.</param>
/// <param name="Stages">The stages whose step waits. The empty string is the stage before the first step.</param>
/// <param name="Timeout">How long the question is open.</param>
/// <param name="IsApprovedOnTimeout">Whether the action continues without a decision in time; otherwise it is skipped.</param>
/// <param name="Required">How many different people must approve.</param>
public sealed record Approval(IReadOnlyList<string> From, string Before, IReadOnlyList<string> Stages, TimeSpan Timeout, bool IsApprovedOnTimeout, int Required);
