namespace MLEvents.Local.Sidecar.Components;

/// <summary>A component of type <c>secretstores.*</c>.</summary>
public interface ISecretStore : IComponent
{
    /// <summary>The values of one secret by key, or null when there is no such secret.</summary>
    Task<IReadOnlyDictionary<string, string>?> GetAsync(string name, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken);

    /// <summary>The values of all secrets, by the name of the secret and then by key.</summary>
    Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(
        IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken);
}
