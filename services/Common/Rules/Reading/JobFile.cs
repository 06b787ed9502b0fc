using System.Text.Json.Nodes;

using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.Reading;

/// <summary>Reads a job file: the ARM <c>properties</c> of a pipeline job as YAML.</summary>
internal static class JobFile
{
    private const string JobType = "jobType";
    private const string Pipeline = "Pipeline";

    /// <summary>Reads a job file; null when it cannot be used, which is noted.</summary>
    public static JsonObject? Read(YamlText name, RuleParseContext reading)
    {
        if (reading.ReadNamed(name) is not var (path, text))
        {
            return null;
        }

        var root = reading.Yaml(path, text);
        if (root is not YamlMap map)
        {
            reading.Add(name, $"'{name.Value}' must be a mapping with the properties of a job");
            return null;
        }

        var type = map.Entries.FirstOrDefault(entry => entry.Key.Value == JobType);
        if (type?.Value is not YamlText { Value: Pipeline })
        {
            var place = (YamlNode?)type?.Value ?? map;
            reading.Add(path, place.Line, place.Column, $"'{JobType}: {Pipeline}' is missing");
            return null;
        }

        var job = YamlJson.ToJson(map)?.AsObject();
        WriteLiteralsAsText(job);
        return job;
    }

    // ARM takes the value of a literal input as a string, whatever it stands for.
    private static void WriteLiteralsAsText(JsonNode? node)
    {
        if (node is not JsonObject values)
        {
            return;
        }

        var isLiteral = values.TryGetPropertyValue("jobInputType", out var type) && type?.ToString() == "literal";
        if (isLiteral && values["value"] is JsonValue value && value.GetValueKind() != System.Text.Json.JsonValueKind.String)
        {
            values["value"] = value.ToJsonString();
        }

        foreach (var member in values.Select(pair => pair.Value).ToList())
        {
            WriteLiteralsAsText(member);
        }
    }
}
