using MLEvents.Rules.Jobs;
using MLEvents.Rules.Reading;
using MLEvents.Rules.Templates;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads the inputs and outputs of a batch endpoint's invocation, in the format of the file of <c>az ml batch-endpoint invoke</c>.</summary>
internal static class BatchValueReader
{
    private const string InputPlace = "retraining.run.input";
    private const string OutputPlace = "retraining.run.output";
    private const string Folder = "uri_folder";
    private const string File = "uri_file";

    private static readonly string[] DataTypes = [Folder, File];

    /// <summary>Reads the inputs: literals, or mappings with a type.</summary>
    public static IReadOnlyDictionary<string, BatchValue> ReadInputs(MapReader keys) => Values(keys, "inputs", InputPlace, Input);

    /// <summary>Reads the outputs: mappings with a type and a path.</summary>
    public static IReadOnlyDictionary<string, BatchValue> ReadOutputs(MapReader keys) => Values(keys, "outputs", OutputPlace, Output);

    /// <summary>Records an error for an input or output name that Azure does not accept.</summary>
    public static void CheckName(MapReader keys, YamlText name)
    {
        if (name.Value.Length == 0 || !name.Value.All(character => char.IsAsciiLetterOrDigit(character) || character == '_'))
        {
            keys.Reading.Add(name, $"'{name.Value}' is not a valid name of an input or output; expected letters, digits and underscores");
        }
    }

    private static Dictionary<string, BatchValue> Values(MapReader keys, string key, string place, Func<string, MapReader, BatchValue?> read)
    {
        var values = new Dictionary<string, BatchValue>(StringComparer.Ordinal);
        foreach (var entry in keys.Child(key, KeyShape.ByName(KeyShape.Either(KeyShape.Text, KeyShape.Reference(place))))?.Map.Entries ?? [])
        {
            var name = entry.Key.Value;
            CheckName(keys, entry.Key);
            var value = entry.Value switch
            {
                YamlMap map => read(name, new MapReader(map, keys.Reading, place)),
                YamlText { IsNull: false } text when place == InputPlace => Literal(name, text, JobLiteral.TypeOf(text), keys.Reading),
                _ => Refuse(keys, name, entry.Value),
            };
            if (value is not null)
            {
                values[name] = value;
            }
        }

        return values;
    }

    private static BatchValue? Refuse(MapReader keys, string name, YamlNode node)
    {
        keys.Reading.Add(node, $"'{name}' must be a mapping with 'type' and 'path', or, for an input, a literal value");
        return null;
    }

    private static BatchValue? Input(string name, MapReader keys)
    {
        var type = TypeOf(keys, [.. DataTypes, .. JobLiteral.Types.Keys]);
        var (value, path) = (keys.Scalar("value") ?? keys.Scalar("default"), keys.Scalar("path"));
        keys.RejectUnreadKeys();
        if (type is not null && JobLiteral.Types.TryGetValue(type, out var literal))
        {
            return value is null ? Missing(keys, name, "value") : Literal(name, value, literal, keys.Reading);
        }

        return path is null ? Missing(keys, name, "path") : Data(name, path, type ?? Folder, keys.Reading);
    }

    private static BatchValue? Output(string name, MapReader keys)
    {
        var (type, path) = (TypeOf(keys, DataTypes), keys.Scalar("path"));
        keys.RejectUnreadKeys();
        return path is null ? Missing(keys, name, "path") : Data(name, path, type ?? Folder, keys.Reading);
    }

    private static string? TypeOf(MapReader keys, string[] types)
    {
        if (keys.Scalar("type", KeyShape.OneOf(types)) is not { } type || types.Contains(type.Value))
        {
            return (keys.Node("type") as YamlText)?.Value;
        }

        keys.Reading.Add(type, $"'type' must be one of {string.Join(", ", types)}, not '{type.Value}'{Suggestion.Hint(type.Value, types)}");
        return null;
    }

    private static BatchValue? Missing(MapReader keys, string name, string key)
    {
        keys.Reading.Add(keys.Map, $"'{name}' needs a '{key}'");
        return null;
    }

    private static BatchValue? Literal(string name, YamlText text, LiteralType type, RuleParseContext reading) =>
        reading.Inline(text, TemplateTarget.Argument) is { } template ? Checked(new(null, type, template), name, text, reading) : null;

    private static BatchValue? Data(string name, YamlText path, string type, RuleParseContext reading) =>
        reading.Inline(path, TemplateTarget.Argument) is { } template ? Checked(new(type, LiteralType.Text, template), name, path, reading) : null;

    // Constant values are checked here. Other values are checked when they are rendered.
    private static BatchValue Checked(BatchValue value, string name, YamlText at, RuleParseContext reading)
    {
        if (value.Value.IsConstant && value.Write(name, value.Value.Source.Trim(), out var error) is null && error is not null)
        {
            reading.Add(at, error);
        }

        return value;
    }
}
