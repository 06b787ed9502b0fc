using System.Security.Cryptography;
using System.Text;

using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.State;

namespace MLEvents.Ledger;

/// <summary>Lets one action at a time change something that several actions share, such as the traffic of an endpoint. Kept in the ledger's state store.</summary>
public interface IResourceLock
{
    /// <summary>Takes a hold, or keeps the one that the action has.</summary>
    /// <param name="name">What is held.</param>
    /// <param name="action">The action's id.</param>
    /// <param name="longest">After this it is free again, in case the action never lets go: longer than the change takes.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether the action has it; if not, another has.</returns>
    Task<bool> TryTakeAsync(string name, string action, TimeSpan longest, CancellationToken cancellationToken);

    /// <summary>Lets go of a hold; nothing happens if the action does not have it.</summary>
    Task ReleaseAsync(string name, string action, CancellationToken cancellationToken);
}

/// <summary>ResourceLocks on a Dapr state store with ETags.</summary>
internal sealed class ResourceLocks(DaprClient dapr, IOptions<LedgerOptions> options, TimeProvider time) : IResourceLock
{
    public async Task<bool> TryTakeAsync(string name, string action, TimeSpan longest, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var held = await DocumentOf(name).ChangeAsync(there => there is not null && there.Action != action && there.Until > now ? null : new ResourceLock(action, now + longest), metadata: null, cancellationToken);
        return held?.Action == action;
    }

    public Task ReleaseAsync(string name, string action, CancellationToken cancellationToken) =>
        DocumentOf(name).ChangeAsync(there => there?.Action == action ? there with { Until = DateTimeOffset.MinValue } : null, metadata: null, cancellationToken);

    // Names may hold what some stores take amiss in keys.
    private StateDocument<ResourceLock> DocumentOf(string name) =>
        new(dapr, options.Value.StateStore, $"hold-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..40]}");
}

/// <summary>Who holds something, and until when at the latest.</summary>
internal sealed record ResourceLock(string Action, DateTimeOffset Until);
