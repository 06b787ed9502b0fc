using System.Collections;
using System.Collections.Frozen;

using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.Secrets;

/// <summary>
/// Component type <c>secretstores.local.env</c>: environment variables. The metadata item <c>prefix</c> is put before each name.
/// The tokens and certificates of the sidecar are not readable: a read returns an empty value, and a list leaves them out.
/// A read of a variable that does not exist also returns an empty value.
/// </summary>
internal sealed class EnvironmentSecretStore(ComponentContext context, Func<IDictionary> environment) : ISecretStore
{
    private static readonly FrozenSet<string> Hidden =
        new[] { "APP_API_TOKEN", "DAPR_API_TOKEN", "DAPR_TRUST_ANCHORS", "DAPR_CERT_CHAIN", "DAPR_CERT_KEY" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private readonly string _prefix = context.Spec.Setting("prefix") ?? "";

    /// <inheritdoc/>
    public IReadOnlyList<string> Capabilities { get; } = [];

    /// <inheritdoc/>
    public Task InitializeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, string>?> GetAsync(
        string name, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var variable = _prefix + name;
        var value = Hidden.Contains(variable) ? null : environment()[variable] as string;
        return Task.FromResult<IReadOnlyDictionary<string, string>?>(new Dictionary<string, string> { [name] = value ?? "" });
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(
        IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var all = environment().Cast<DictionaryEntry>()
            .Select(variable => (Name: variable.Key as string ?? "", Value: variable.Value as string ?? ""))
            .Where(variable => variable.Name.StartsWith(_prefix, StringComparison.Ordinal) && !Hidden.Contains(variable.Name))
            .Select(variable => variable with { Name = variable.Name[_prefix.Length..] })
            .ToDictionary(
                variable => variable.Name,
                IReadOnlyDictionary<string, string> (variable) => new Dictionary<string, string> { [variable.Name] = variable.Value });
        return Task.FromResult<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>>(all);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
