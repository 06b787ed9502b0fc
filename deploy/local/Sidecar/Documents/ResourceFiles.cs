using MLEvents.Local.Sidecar.Components;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace MLEvents.Local.Sidecar.Documents;

/// <summary>Finds and parses resource files; a file may hold several documents.</summary>
internal static class ResourceFiles
{
    private static readonly string[] Extensions = [".yaml", ".yml"];

    /// <summary>All documents under the paths; folders are read in order of names, without their subfolders, as daprd does.</summary>
    /// <exception cref="ResourceException">A path is not there, or a file is no YAML.</exception>
    public static IEnumerable<YamlMap> Read(IEnumerable<string> paths) => paths.SelectMany(Files).SelectMany(Documents);

    /// <summary>The documents of one file.</summary>
    /// <exception cref="ResourceException">The file is no YAML.</exception>
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
            throw new ResourceException($"the resources path '{path}' is not there; create it or correct --resources-path");
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
        catch (YamlException error)
        {
            throw new ResourceException(new SourceLocation(file, error.Start.Line, error.Start.Column), $"no valid YAML: {error.Message}");
        }
    }
}
