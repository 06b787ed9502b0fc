using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Errors;

namespace MLEvents.Local.Sidecar.Secrets;

/// <summary>Secret stores as both APIs see them: scopes checked, refusals in daprd's words.</summary>
internal sealed class SecretsAccess(ComponentRegistry components, SecretScopes scopes)
{
    /// <summary>The values of one secret.</summary>
    /// <exception cref="DaprException">There is no such store or secret, or the app may not have it.</exception>
    public async Task<IReadOnlyDictionary<string, string>> GetAsync(
        string store, string name, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var secrets = Find(store);
        if (!scopes.Allows(store, name))
        {
            throw DaprErrors.SecretPermissionDenied(store, name).AsException();
        }

        return await secrets.GetAsync(name, metadata, cancellationToken)
            ?? throw DaprErrors.SecretGet(store, name, $"secret {name} not found").AsException();
    }

    /// <summary>All secrets the app may have, by name.</summary>
    /// <exception cref="DaprException">There is no such store.</exception>
    public async Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(
        string store, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var all = await Find(store).GetAllAsync(metadata, cancellationToken);
        return all.Where(secret => scopes.Allows(store, secret.Key)).ToDictionary();
    }

    private ISecretStore Find(string store)
    {
        if (components.TryGet<ISecretStore>(store, out var found))
        {
            return found;
        }

        var error = components.OfType<ISecretStore>().Any() ? DaprErrors.SecretStoreNotFound(store) : DaprErrors.SecretStoresNotConfigured;
        throw error.AsException();
    }
}
