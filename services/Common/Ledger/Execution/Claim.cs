namespace MLEvents.Ledger.Execution;

/// <summary>The lease of an action, held by one owner at a time.</summary>
/// <param name="Id">The action's id.</param>
/// <param name="Owner">The token of the claim.</param>
/// <param name="Record">The record as the claim last wrote it.</param>
internal sealed record Claim(string Id, string Owner, ActionRecord Record);
