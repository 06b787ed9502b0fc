namespace MLEvents.Ledger;

/// <summary>The refused credential that an action waits for.</summary>
/// <param name="Key">The credential; see <see cref="CredentialRefused"/>.</param>
/// <param name="Since">When the action began to wait.</param>
public sealed record Blockage(string Key, DateTimeOffset Since);
