using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.Events.Limits;
using MLEvents.State;

namespace MLEvents.Ledger.Limits;

/// <summary>The limits in a Dapr state store. Each decision is one conditional write.</summary>
internal sealed class LimitStore(LedgerService service, DaprClient dapr, IOptions<LedgerOptions> options)
{
    private const int HashLength = 40;
    private const int Gates = 64;

    // Replicas compete for a key. The callers of one process take turns, because they would lose races against each other.
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, Gates).Select(_ => new SemaphoreSlim(1))];

    /// <summary>The name of a limit's document. It starts with the kind and contains a hash of the service and the key.</summary>
    public string NameOf(Limit limit)
    {
        var key = limit.Key.Trim().ToUpperInvariant();
        return $"{limit.Kind.ToString().ToLowerInvariant()}-{StateKey.Hash($"{service.Name}\n{key}", HashLength)}";
    }

    /// <summary>Whether the document counts an action only until it ends.</summary>
    public static bool IsHeldUntilEnd(string name) => name.StartsWith(nameof(LimitKind.Concurrency), StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a document. Returns an empty state if the document does not exist.</summary>
    public async Task<LimitState> ReadAsync(string name, CancellationToken cancellationToken) => (await DocumentOf(name).FindAsync(cancellationToken))?.Value ?? new();

    /// <summary>Changes a document. The document is stored for <see cref="LedgerOptions.Retention"/> after the change. If the limit has a period, <see cref="Limit.MaxPeriod"/> is added.</summary>
    /// <param name="name">The document.</param>
    /// <param name="change">Receives the stored state, and returns the state to write. If it returns the same object, nothing is written. Called again after each lost race.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The state afterwards.</returns>
    public async Task<LimitState> UpdateAsync(string name, Func<LimitState, LimitState> change, CancellationToken cancellationToken)
    {
        var gate = _gates[(uint)StringComparer.Ordinal.GetHashCode(name) % Gates];
        await gate.WaitAsync(cancellationToken);
        try
        {
            return await DocumentOf(name).UpdateAsync(stored => Changed(stored ?? new(), change), Expiry(name), cancellationToken) ?? new();
        }
        finally
        {
            gate.Release();
        }
    }

    // An action that leaves a limit knows only the name of the document, not the period. Therefore, the longest period is added.
    private TimeToLive Expiry(string name) => TimeToLive.After(options.Value.Retention + (IsHeldUntilEnd(name) ? TimeSpan.Zero : Limit.MaxPeriod));

    private static LimitState? Changed(LimitState before, Func<LimitState, LimitState> change) => change(before) is var after && ReferenceEquals(before, after) ? null : after;

    private StateDocument<LimitState> DocumentOf(string name) => new(dapr, options.Value.StateStore, $"limit-{name}");
}
