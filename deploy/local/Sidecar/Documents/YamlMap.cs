using MLEvents.Local.Sidecar.Components;

using YamlDotNet.RepresentationModel;

namespace MLEvents.Local.Sidecar.Documents;

/// <summary>A mapping of a resource file with its place: every error contains the file, the line and the column.</summary>
internal sealed class YamlMap(string file, YamlMappingNode node)
{
    /// <summary>Where the mapping starts.</summary>
    public SourceLocation Source => At(node);

    /// <summary>Keys in order.</summary>
    public IEnumerable<string> Keys => node.Children.Keys.Select(KeyName);

    /// <summary>Refuses keys that are not in the list. The error contains the list.</summary>
    public YamlMap Only(params string[] keys)
    {
        foreach (var key in node.Children.Keys)
        {
            var name = KeyName(key);
            if (!keys.Contains(name))
            {
                throw new ResourceException(At(key), $"unknown key '{name}'; expected one of: {string.Join(", ", keys)}");
            }
        }

        return this;
    }

    public bool Has(string key) => Find(key) is not null;

    /// <summary>The place of a value; if the value is absent, the place of the mapping.</summary>
    public SourceLocation SourceOf(string key) => At(Find(key) ?? node);

    public string? Text(string key) => Find(key) is { } value ? Scalar(value, key) : null;

    public string RequiredText(string key) => Text(key) is { Length: > 0 } text ? text : throw new ResourceException(Source, $"'{key}' is missing");

    public YamlMap? Map(string key) => Find(key) is { } value ? Mapping(value, key) : null;

    public YamlMap RequiredMap(string key) => Map(key) ?? throw new ResourceException(Source, $"'{key}' is missing");

    public IEnumerable<YamlMap> Maps(string key) => Items(key).Select(item => Mapping(item, key));

    public IReadOnlyList<string> Texts(string key) => [.. Items(key).Select(item => Scalar(item, key))];

    /// <summary>Returns <c>metadata.name</c> of a resource.</summary>
    public string ResourceName() => RequiredMap("metadata").Only("name", "namespace", "labels", "annotations").RequiredText("name");

    /// <summary>A mapping of scalars.</summary>
    public Dictionary<string, string> TextMap(string key) => Map(key) is { } map ? map.Keys.ToDictionary(name => name, name => map.Text(name) ?? "") : [];

    public bool Flag(string key, bool otherwise) => Text(key) switch
    {
        null => otherwise,
        "true" => true,
        "false" => false,
        var other => throw new ResourceException(SourceOf(key), $"'{key}: {other}' is neither true nor false"),
    };

    public int? Number(string key) => Text(key) switch
    {
        null => null,
        var text when int.TryParse(text, out var number) => number,
        var other => throw new ResourceException(SourceOf(key), $"'{key}: {other}' is not a whole number"),
    };

    public TimeSpan? Duration(string key) => Text(key) is not { } text ? null : Duration(text, SourceOf(key));

    /// <summary>Reads a duration. The error for an invalid duration contains the place <paramref name="source"/>.</summary>
    public static TimeSpan Duration(string text, SourceLocation source) => GoDuration.TryParse(text, out var duration) && duration >= TimeSpan.Zero
        ? duration
        : throw new ResourceException(source, $"'{text}' is not a duration; write for example 500ms, 5s or 1m30s");

    private SourceLocation At(YamlNode at) => new(file, at.Start.Line, at.Start.Column);

    private YamlNode? Find(string key) => node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    private IEnumerable<YamlNode> Items(string key) => Find(key) switch
    {
        null => [],
        YamlSequenceNode list => list.Children,
        var other => throw new ResourceException(At(other), $"'{key}' must be a list"),
    };

    private YamlMap Mapping(YamlNode value, string key) =>
        value is YamlMappingNode mapping ? new YamlMap(file, mapping) : throw new ResourceException(At(value), $"'{key}' must be a mapping");

    private string KeyName(YamlNode key) => key is YamlScalarNode scalar ? scalar.Value ?? "" : throw new ResourceException(At(key), "a key must be a plain value");

    private string Scalar(YamlNode value, string key) =>
        value is YamlScalarNode scalar ? scalar.Value ?? "" : throw new ResourceException(At(value), $"'{key}' must be a plain value");
}
