using MLEvents.Local.Sidecar.Api;
using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.Secrets;

/// <summary>Secret stores as both APIs see them: scopes checked, refusals in daprd's words.</summary>
internal static class SecretsAccess
{
    /// <summary>The values of one secret.</summary>
    /// <exception cref="DaprException">There is no such store or secret, or the app may not have it.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> GetAsync(
        AppRuntime runtime, string store, string name, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var secrets = Find(runtime, store);
        if (!runtime.SecretScopes.Allows(store, name))
        {
            throw DaprErrors.SecretPermissionDenied(store, name).AsException();
        }

        return await secrets.GetAsync(name, metadata, cancellationToken)
            ?? throw DaprErrors.SecretGet(store, name, $"secret {name} not found").AsException();
    }

    /// <summary>All secrets the app may have, by name.</summary>
    /// <exception cref="DaprException">There is no such store.</exception>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(
        AppRuntime runtime, string store, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var all = await Find(runtime, store).GetAllAsync(metadata, cancellationToken);
        return all.Where(secret => runtime.SecretScopes.Allows(store, secret.Key)).ToDictionary();
    }

    private static ISecretStore Find(AppRuntime runtime, string store)
    {
        if (runtime.Components.TryGet<ISecretStore>(store, out var found))
        {
            return found;
        }

        var error = runtime.Components.OfType<ISecretStore>().Any() ? DaprErrors.SecretStoreNotFound(store) : DaprErrors.SecretStoresNotConfigured;
        throw error.AsException();
    }
}
