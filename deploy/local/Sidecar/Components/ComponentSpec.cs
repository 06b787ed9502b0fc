using System.Collections.Frozen;

namespace MLEvents.Local.Sidecar.Components;

/// <summary>One document of kind <c>Component</c>, its secrets already filled in.</summary>
/// <param name="Name">Name the APIs address it by.</param>
/// <param name="Type">For example <c>state.sqlite</c>.</param>
/// <param name="Version">For example <c>v1</c>.</param>
/// <param name="Metadata">Settings by name; names ignore case.</param>
/// <param name="Scopes">Apps that may use it; empty means all.</param>
/// <param name="Source">Where it was read from, for messages.</param>
public sealed record ComponentSpec(
    string Name,
    string Type,
    string Version,
    IReadOnlyDictionary<string, string> Metadata,
    IReadOnlyList<string> Scopes,
    SourceLocation Source)
{
    private readonly HashSet<string> _asked = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names of the settings that came from a secret store. Default none.</summary>
    public IReadOnlySet<string> SecretNames { get; init; } = FrozenSet<string>.Empty;

    /// <summary>A setting for a message: name and value, but for the value of a secret.</summary>
    public string Shown(string name, string value) => SecretNames.Contains(name) ? $"{name}: (secret)" : $"{name}: {value}";

    /// <summary>A setting, or null when it is absent or empty. Reading a name makes it known: an item that no component has read by the end of its initialization is an error.</summary>
    public string? Setting(string name)
    {
        _asked.Add(name);
        return Metadata.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
    }

    /// <summary>Refuses settings that the component does not know.</summary>
    /// <exception cref="ResourceException">There are some.</exception>
    internal void RefuseUnread()
    {
        var unknown = Metadata.Keys.Where(name => !_asked.Contains(name)).ToList();
        if (unknown.Count > 0)
        {
            throw new ResourceException(
                Source,
                $"component '{Name}' ({Type}) has unknown metadata items '{string.Join("', '", unknown)}'; expected one of: {string.Join(", ", _asked.Order(StringComparer.OrdinalIgnoreCase))}");
        }
    }

    /// <summary>A setting that must be there.</summary>
    /// <exception cref="ResourceException">It is absent or empty.</exception>
    public string RequiredSetting(string name) =>
        Setting(name) ?? throw new ResourceException(Source, $"component '{Name}' ({Type}) has no metadata item '{name}'; add it under spec.metadata");

    /// <summary>A setting that says true or false, as Go reads it: 1, t, true, y, yes, on, in any case.</summary>
    public bool Flag(string name, bool otherwise = false) =>
        Setting(name) is not { } text ? otherwise : text.Trim().ToUpperInvariant() is "1" or "T" or "TRUE" or "Y" or "YES" or "ON";

    /// <summary>A duration: Go's form (<c>1m30s</c>, <c>500ms</c>) or a number of milliseconds.</summary>
    /// <exception cref="ResourceException">It is neither.</exception>
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

    /// <summary>A whole number of at least <paramref name="least"/>.</summary>
    /// <exception cref="ResourceException">It is not.</exception>
    public int Number(string name, int otherwise, int least = 0)
    {
        if (Setting(name) is not { } text)
        {
            return otherwise;
        }

        return int.TryParse(text, out var number) && number >= least
            ? number
            : throw new ResourceException(Source, $"component '{Name}': '{Shown(name, text)}' is not a whole number of at least {least}");
    }
}
