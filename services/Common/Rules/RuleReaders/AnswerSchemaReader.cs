using MLEvents.Rules.Reading;
using MLEvents.Rules.Rollouts;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads the JSON schema that a deployment's answers to samples must match, either from a file in the rules folder or from the rule itself.</summary>
internal static class AnswerSchemaReader
{
    private const string Key = "schema";

    /// <summary>Reads the schema; null if it is absent or invalid. An invalid schema is recorded as an error.</summary>
    public static string? Read(MapReader keys)
    {
        if (keys.Node(Key, KeyShape.Anything) is not { } node)
        {
            return null;
        }

        var schema = node is YamlText file ? keys.Reading.ReadNamed(file)?.Text : YamlJson.ToJson(node)?.ToJsonString();
        var error = schema is null ? null
            : RecordedText.FindError(schema) is { } tooLarge ? tooLarge
            : AnswerSchema.FindError(schema) is { } reason ? $"is not a JSON schema: {reason}"
            : null;
        if (error is not null)
        {
            keys.Reading.Add(node, $"'{Key}' {error}");
        }

        return error is null ? schema : null;
    }
}
