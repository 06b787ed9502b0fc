using YamlDotNet.RepresentationModel;

namespace MLEvents.Manifests;

/// <summary>A node of a YAML file, or a missing node. If the node is not a scalar, <see cref="Text"/> fails with the path of the node.</summary>
internal sealed class Node(YamlNode? node, string place)
{
    public bool Exists => node is not null;

    public string Place => place;

    public string Text => (node as YamlScalarNode)?.Value ?? throw new InvalidOperationException($"{place} is not a scalar.");

    public IReadOnlyList<Node> Items =>
        node is YamlSequenceNode list ? [.. list.Children.Select((child, index) => new Node(child, $"{place}[{index}]"))] : [];

    public IReadOnlyList<string> Texts => [.. Items.Select(item => item.Text)];

    /// <summary>The members, including those of merge keys (<c>&lt;&lt;</c>). A member of the mapping itself takes precedence over a merged member.</summary>
    public IReadOnlyDictionary<string, Node> Map
    {
        get
        {
            var own = node is YamlMappingNode map ? map.Children.ToDictionary(pair => pair.Key.ToString(), pair => new Node(pair.Value, $"{place}.{pair.Key}")) : [];
            if (own.Remove("<<", out var merged))
            {
                foreach (var (key, value) in (merged.Items is [] ? [merged] : merged.Items).SelectMany(one => one.Map))
                {
                    own.TryAdd(key, value);
                }
            }

            return own;
        }
    }

    public Node this[string key] => Map.GetValueOrDefault(key) ?? new Node(null, $"{place}.{key}");

    public string? TextOr(string key) => this[key] is { Exists: true } found ? found.Text : null;

    /// <summary>The only document of a file of the repository.</summary>
    public static Node Read(params ReadOnlySpan<string> path) => Assert.Single(ReadAll(File.ReadAllText(Repository.PathOf(path)), string.Join('/', path)));

    /// <summary>All YAML documents of the text.</summary>
    public static IReadOnlyList<Node> ReadAll(string text, string name)
    {
        using var reader = new StringReader(text);
        var stream = new YamlStream();
        stream.Load(reader);
        return [.. stream.Documents.Select(document => new Node(document.RootNode, name))];
    }

    public override string ToString() => place;
}
