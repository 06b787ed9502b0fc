using Dapr.Client;

using Microsoft.Extensions.Options;

namespace MLEvents.Ledger;

/// <summary>Lets one action at a time change something that several actions share, such as the traffic of an endpoint. Kept in the ledger's state store.</summary>
public interface IHolds
{
    /// <summary>Takes a hold, or keeps the one that the action has.</summary>
    /// <param name="name">What is held; at most 200 characters.</param>
    /// <param name="action">The action's id.</param>
    /// <param name="longest">After this it is free again, in case the action never lets go: longer than the change takes.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether the action has it; if not, another has.</returns>
    Task<bool> TryTakeAsync(string name, string action, TimeSpan longest, CancellationToken cancellationToken);

    /// <summary>Lets go of a hold; nothing happens if the action does not have it.</summary>
    Task ReleaseAsync(string name, string action, CancellationToken cancellationToken);
}

/// <summary>Holds on a Dapr state store with ETags.</summary>
internal sealed class Holds(DaprClient dapr, IOptions<LedgerOptions> options, TimeProvider time) : IHolds
{
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite };

    public async Task<bool> TryTakeAsync(string name, string action, TimeSpan longest, CancellationToken cancellationToken)
    {
        var (held, etag) = await FindAsync(name, cancellationToken);
        var now = time.GetUtcNow();
        if (held is not null && held.Action != action && held.Until > now)
        {
            return false;
        }

        var mine = new Hold(action, now + longest);
        return held is null ? await TryCreateAsync(name, mine, cancellationToken) : await TrySaveAsync(name, mine, etag, cancellationToken);
    }

    public async Task ReleaseAsync(string name, string action, CancellationToken cancellationToken)
    {
        var (held, etag) = await FindAsync(name, cancellationToken);
        if (held?.Action == action)
        {
            // Whoever wrote it since has it now.
            await TrySaveAsync(name, held with { Until = DateTimeOffset.MinValue }, etag, cancellationToken);
        }
    }

    private async Task<bool> TryCreateAsync(string name, Hold mine, CancellationToken cancellationToken)
    {
        try
        {
            await dapr.SaveStateAsync(options.Value.StateStore, KeyOf(name), mine, FirstWrite, cancellationToken: cancellationToken);
            return true;
        }
        catch (Dapr.DaprException)
        {
            // Lost to another creator, or the store is away: reading the key again tells.
            var (held, _) = await FindAsync(name, cancellationToken);
            return held is null ? throw new TimeoutException($"The state store '{options.Value.StateStore}' does not take the key '{KeyOf(name)}'.") : held == mine;
        }
    }

    private Task<bool> TrySaveAsync(string name, Hold hold, string etag, CancellationToken cancellationToken) =>
        dapr.TrySaveStateAsync(options.Value.StateStore, KeyOf(name), hold, etag, FirstWrite, cancellationToken: cancellationToken);

    private async Task<(Hold? Held, string ETag)> FindAsync(string name, CancellationToken cancellationToken) =>
        await dapr.GetStateAndETagAsync<Hold?>(options.Value.StateStore, KeyOf(name), cancellationToken: cancellationToken);

    // Names may hold what some stores take amiss in keys.
    private static string KeyOf(string name) =>
        $"hold-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)))[..40]}";
}

/// <summary>Who holds something, and until when at the latest.</summary>
internal sealed record Hold(string Action, DateTimeOffset Until);
