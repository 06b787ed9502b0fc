using System.Collections.Frozen;

namespace MLEvents.Local.Sidecar.Components;

/// <summary>One document of kind <c>Component</c>, with the values of its secrets.</summary>
/// <param name="Name">Name of the component in API calls.</param>
/// <param name="Type">For example <c>state.sqlite</c>.</param>
/// <param name="Version">For example <c>v1</c>.</param>
/// <param name="Metadata">Settings by name; the case of names is ignored.</param>
/// <param name="Scopes">Apps that may use the component; all apps if empty.</param>
/// <param name="Source">Place of the document, for messages.</param>
public sealed record ComponentSpec(
    string Name,
    string Type,
    string Version,
    IReadOnlyDictionary<string, string> Metadata,
    IReadOnlyList<string> Scopes,
    SourceLocation Source)
{
    private readonly HashSet<string> _knownNames = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names of the settings that came from a secret store. Default none.</summary>
    public IReadOnlySet<string> SecretNames { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Returns a setting as text for a message: its name, and its value if it is not a secret.</summary>
    public string Shown(string name, string value) => SecretNames.Contains(name) ? $"{name}: (secret)" : $"{name}: {value}";

    /// <summary>Returns a setting, or null if it is absent or empty. Also marks the name as known: after the initialization of the component, a setting that was not read is an error.</summary>
    public string? Setting(string name)
    {
        _knownNames.Add(name);
        return Metadata.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
    }

    /// <summary>Checks that the component has read all its settings.</summary>
    /// <exception cref="ResourceException">There are unknown settings.</exception>
    internal void RejectUnreadSettings()
    {
        var unknown = Metadata.Keys.Where(name => !_knownNames.Contains(name)).ToList();
        if (unknown.Count > 0)
        {
            throw new ResourceException(
                Source,
                $"component '{Name}' ({Type}) has unknown metadata items '{string.Join("', '", unknown)}'; expected one of: {string.Join(", ", _knownNames.Order(StringComparer.OrdinalIgnoreCase))}");
        }
    }

    /// <summary>Returns a required setting.</summary>
    /// <exception cref="ResourceException">The setting is absent or empty.</exception>
    public string RequiredSetting(string name) =>
        Setting(name) ?? throw new ResourceException(Source, $"component '{Name}' ({Type}) has no metadata item '{name}'; add it under spec.metadata");

    /// <summary>Returns a setting that is true or false.</summary>
    public bool Flag(string name, bool otherwise = false) =>
        Setting(name) is { } text ? GoBoolean.IsTrue(text) : otherwise;

    /// <summary>Returns a setting that is a duration: Go's form (<c>1m30s</c>, <c>500ms</c>) or a number of milliseconds.</summary>
    /// <exception cref="ResourceException">The value has neither form.</exception>
    public TimeSpan Duration(string name, TimeSpan otherwise)
    {
        if (Setting(name) is not { } text)
        {
            return otherwise;
        }

        return GoDuration.TryParse(text, out var duration)
            ? duration
            : throw new ResourceException(Source, $"component '{Name}': '{Shown(name, text)}' is not a duration; write milliseconds (1500) or Go's form (1m30s, 500ms)");
    }

    /// <summary>Returns a setting that is a whole number of at least <paramref name="min"/>.</summary>
    /// <exception cref="ResourceException">The value is not such a number.</exception>
    public int Number(string name, int otherwise, int min = 0)
    {
        if (Setting(name) is not { } text)
        {
            return otherwise;
        }

        return int.TryParse(text, out var number) && number >= min
            ? number
            : throw new ResourceException(Source, $"component '{Name}': '{Shown(name, text)}' is not a whole number of at least {min}");
    }
}
