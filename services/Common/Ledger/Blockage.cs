namespace MLEvents.Ledger;

/// <summary>What an action waits for.</summary>
/// <param name="Key">The credential; see <see cref="CredentialRefused"/>.</param>
/// <param name="Since">When the action began to wait.</param>
public sealed record Blockage(string Key, DateTimeOffset Since);
