using MLEvents.Local.Sidecar.Documents;

namespace MLEvents.Local.Sidecar.Secrets;

/// <summary>The secrets that the app may read: <c>spec.secrets.scopes</c> of the configuration file. All secrets of a store without a scope are readable.</summary>
internal sealed class SecretScopes
{
    private readonly Dictionary<string, SecretScope> _scopes = new(StringComparer.Ordinal);

    /// <summary>Reads a configuration file. If it is null, there are no restrictions.</summary>
    /// <exception cref="Components.ResourceException">The file is wrong.</exception>
    public static SecretScopes Read(string? file)
    {
        var scopes = new SecretScopes();
        var documents = file is null ? [] : ResourceFiles.Documents(file).Where(document => document.Text("kind") == "Configuration");
        foreach (var scope in documents.SelectMany(document => document.Map("spec")?.Map("secrets")?.Maps("scopes") ?? []))
        {
            scope.Only("storeName", "defaultAccess", "allowedSecrets", "deniedSecrets");
            scopes._scopes[scope.RequiredText("storeName")] = new(
                string.Equals(scope.Text("defaultAccess"), "deny", StringComparison.OrdinalIgnoreCase),
                scope.Texts("allowedSecrets"),
                scope.Texts("deniedSecrets"));
        }

        return scopes;
    }

    /// <summary>Whether the app may read a secret.</summary>
    public bool Allows(string store, string secret) => !_scopes.TryGetValue(store, out var scope) || scope.Allows(secret);
}

/// <summary>The scope of one secret store.</summary>
/// <param name="IsClosed">Whether secrets that are in neither list are refused.</param>
/// <param name="Allowed">If not empty, the only secrets that the app may read.</param>
/// <param name="Denied">Secrets that the app may not read; without effect if <paramref name="Allowed"/> is not empty.</param>
internal sealed record SecretScope(bool IsClosed, IReadOnlyList<string> Allowed, IReadOnlyList<string> Denied)
{
    /// <summary>Whether the app may read a secret of the store.</summary>
    public bool Allows(string secret) => Allowed.Count > 0 ? Allowed.Contains(secret) : !Denied.Contains(secret) && !IsClosed;
}
