using MLEvents.Local.Sidecar.Components;

using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace MLEvents.Local.Sidecar.Documents;

/// <summary>Finds and parses resource files; a file may hold several documents.</summary>
internal static class ResourceFiles
{
    private static readonly string[] Extensions = [".yaml", ".yml"];

    /// <summary>Returns the documents of each file in the paths. As in daprd, the files of a folder are read in the order of their names, without subfolders.</summary>
    /// <exception cref="ResourceException">A path does not exist, a file is not valid YAML, or a document is neither a mapping nor empty.</exception>
    public static IEnumerable<IReadOnlyList<YamlMap>> Read(IEnumerable<string> paths) => paths.SelectMany(Files).Select(file => Documents(file).ToList());

    /// <summary>The documents of one file, without empty documents.</summary>
    /// <exception cref="ResourceException">The file is not valid YAML, or a document is neither a mapping nor empty.</exception>
    public static IEnumerable<YamlMap> Documents(string file)
    {
        foreach (var document in Parse(file))
        {
            if (document.RootNode is YamlMappingNode mapping)
            {
                yield return new YamlMap(file, mapping);
            }
            else if (document.RootNode is not YamlScalarNode { Value: null or "" })
            {
                var start = document.RootNode.Start;
                throw new ResourceException(new SourceLocation(file, start.Line, start.Column), "a resource must be a mapping with apiVersion, kind, metadata and spec");
            }
        }
    }

    private static IEnumerable<string> Files(string path)
    {
        if (File.Exists(path))
        {
            return [path];
        }

        if (!Directory.Exists(path))
        {
            throw new ResourceException($"the resources path '{path}' does not exist; create it or correct --resources-path");
        }

        return Directory.EnumerateFiles(path).Where(file => Extensions.Contains(Path.GetExtension(file))).Order(StringComparer.Ordinal);
    }

    private static IList<YamlDocument> Parse(string file)
    {
        var stream = new YamlStream();
        try
        {
            using var reader = new StreamReader(file);
            stream.Load(reader);
            return stream.Documents;
        }
        catch (YamlException exception)
        {
            throw new ResourceException(new SourceLocation(file, exception.Start.Line, exception.Start.Column), $"invalid YAML: {exception.Message}");
        }
    }
}
