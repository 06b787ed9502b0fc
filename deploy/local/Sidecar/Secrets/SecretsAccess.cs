using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Errors;

namespace MLEvents.Local.Sidecar.Secrets;

/// <summary>Reads secrets for the HTTP and the gRPC API: checks the scopes and reports errors with daprd's texts.</summary>
internal sealed class SecretsAccess(ComponentRegistry components, SecretScopes scopes)
{
    /// <summary>Returns the values of one secret.</summary>
    /// <exception cref="DaprException">The store or the secret does not exist, or the app may not read it.</exception>
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

    /// <summary>Returns all secrets that the app may read, by name.</summary>
    /// <exception cref="DaprException">The store does not exist.</exception>
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
