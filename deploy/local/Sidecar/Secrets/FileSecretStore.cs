using System.Text.Json;

using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.Secrets;

/// <summary>
/// Component type <c>secretstores.local.file</c>: a JSON file, which is read when the sidecar starts.
/// A relative path starts at the folder of the component file. The name of a nested value has <c>nestedSeparator</c> (default a colon) between the levels.
/// With <c>multiValued</c>, each member of the top level is a secret with several keys.
/// </summary>
internal sealed class FileSecretStore(ComponentContext context) : ISecretStore
{
    private readonly string _separator = context.Spec.Setting("nestedSeparator") ?? ":";
    private readonly bool _isMultiValued = context.Spec.Flag("multiValued");
    private IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> _secrets = new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <inheritdoc/>
    public IReadOnlyList<string> Capabilities => _isMultiValued ? ["MULTIPLE_KEY_VALUES_PER_SECRET"] : [];

    /// <inheritdoc/>
    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(context.Spec.Source.File)) ?? "", context.Spec.RequiredSetting("secretsFile"));
        try
        {
            using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(path, cancellationToken));
            _secrets = Read(document.RootElement);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            // The message of the parser may contain text of the file, so the error contains only the path and the type of the exception.
            throw new ResourceException(context.Spec.Source, $"component '{context.Spec.Name}': the secrets file '{path}' is not readable as a JSON object ({exception.GetType().Name})");
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, string>?> GetAsync(
        string name, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken) =>
        Task.FromResult(_secrets.GetValueOrDefault(name));

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(
        IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken) =>
        Task.FromResult(_secrets);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Dictionary<string, IReadOnlyDictionary<string, string>> Read(JsonElement root)
    {
        var secrets = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        foreach (var property in root.EnumerateObject().SelectMany(Secrets))
        {
            secrets[property.Name] = property.Values;
        }

        return secrets;
    }

    private IEnumerable<(string Name, IReadOnlyDictionary<string, string> Values)> Secrets(JsonProperty property)
    {
        if (!_isMultiValued)
        {
            return Flatten(property.Name, property.Value).Select(leaf => (leaf.Name, (IReadOnlyDictionary<string, string>)new Dictionary<string, string> { [leaf.Name] = leaf.Value }));
        }

        var prefix = property.Name + _separator;
        var values = new Dictionary<string, string>();
        foreach (var leaf in Flatten(property.Name, property.Value))
        {
            values[leaf.Name.StartsWith(prefix, StringComparison.Ordinal) ? leaf.Name[prefix.Length..] : leaf.Name] = leaf.Value;
        }

        return [(property.Name, values)];
    }

    private IEnumerable<(string Name, string Value)> Flatten(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(child => Flatten(name + _separator + child.Name, child.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany((child, index) => Flatten($"{name}{_separator}{index}", child)),
        JsonValueKind.String => [(name, value.GetString() ?? "")],
        JsonValueKind.Null => [(name, "")],
        _ => [(name, value.GetRawText())],
    };
}
