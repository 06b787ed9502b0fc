using Dapr.Client;

namespace MLEvents.State;

/// <summary>
/// The forced replays that the ingress issued. The ingress writes a record before it publishes a forced replay, and the ledgers check that the record exists.
/// A sender that can publish events but cannot write to this store therefore cannot repeat finished actions.
/// </summary>
/// <param name="dapr">The client of the sidecar.</param>
public sealed class ForcedReplays(DaprClient dapr)
{
    /// <summary>The Dapr state store of the records. All services share its keys (<c>keyPrefix: name</c>).</summary>
    public const string StateStore = "replays";

    private const string Issued = "issued";

    /// <summary>Records that a token was issued for an event.</summary>
    /// <param name="token">The token of the replay.</param>
    /// <param name="source">The source of the event.</param>
    /// <param name="id">The id of the event.</param>
    /// <param name="retention">How long the token is valid.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="Dapr.DaprException">The state store is unavailable or not configured.</exception>
    public Task IssueAsync(string token, string source, string id, TimeSpan retention, CancellationToken cancellationToken) =>
        dapr.SaveStateAsync(StateStore, KeyOf(token, source, id), Issued, metadata: TimeToLive.After(retention).ToMetadata(), cancellationToken: cancellationToken);

    /// <summary>Whether the ingress issued a token for an event.</summary>
    /// <param name="token">The token that the event carries.</param>
    /// <param name="source">The source of the event.</param>
    /// <param name="id">The id of the event.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="Dapr.DaprException">The state store is unavailable or not configured.</exception>
    public async Task<bool> IsIssuedAsync(string token, string source, string id, CancellationToken cancellationToken) =>
        await dapr.GetStateAsync<string?>(StateStore, KeyOf(token, source, id), cancellationToken: cancellationToken) == Issued;

    // The key contains the lengths, so that different inputs have different keys.
    private static string KeyOf(string token, string source, string id) => StateKey.Hash($"{token.Length}:{token}{source.Length}:{source}{id.Length}:{id}");
}
