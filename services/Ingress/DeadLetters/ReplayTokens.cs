using Microsoft.Extensions.Options;

using MLEvents.State;

namespace MLEvents.Ingress.DeadLetters;

/// <summary>Records the tokens of forced replays for as long as dead letters are stored.</summary>
internal sealed class ReplayTokens(ForcedReplays replays, IOptions<DeadLetterOptions> options)
{
    /// <summary>Records a token before its event is published, so that the ledgers accept it.</summary>
    /// <param name="token">The token; null if the replay is not forced.</param>
    /// <param name="source">The source of the event.</param>
    /// <param name="id">The id of the event.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="Dapr.DaprException">The state store is unavailable or not configured.</exception>
    public Task IssueAsync(string? token, string source, string id, CancellationToken cancellationToken) =>
        token is null ? Task.CompletedTask : replays.IssueAsync(token, source, id, options.Value.Retention, cancellationToken);
}
