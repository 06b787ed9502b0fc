using System.Text.Json;
using System.Text.Json.Nodes;

using MLEvents.Rules.Reading;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.Jobs;

/// <summary>Reads a job file: the YAML of <c>az ml job create</c>, or the properties of the REST API as YAML.</summary>
internal static class JobFile
{
    private const string JobType = "jobType";
    private const string Pipeline = "Pipeline";

    private static readonly Dictionary<string, Func<MapReader, JobDefinition>> Types = new(StringComparer.Ordinal)
    {
        ["command"] = CommandJobReader.Read,
        ["pipeline"] = PipelineJobReader.Read,
        ["sweep"] = SweepJobReader.Read,
    };

    /// <summary>Reads a job of either form; null if it cannot be used. The error is recorded.</summary>
    public static JobDefinition? Read(YamlText name, RuleParseContext reading)
    {
        if (Root(name, reading) is not var (path, map))
        {
            return null;
        }

        return map.Entries.Any(entry => entry.Key.Value == JobType)
            ? new JobDefinition(Properties(map))
            : Translate(path, map, reading);
    }

    /// <summary>Reads the properties of a pipeline job; null if they cannot be used. The error is recorded.</summary>
    public static JobDefinition? ReadPipelineProperties(YamlText name, RuleParseContext reading)
    {
        if (Root(name, reading) is not var (path, map))
        {
            return null;
        }

        var type = map.Entries.FirstOrDefault(entry => entry.Key.Value == JobType);
        if (type?.Value is YamlText { Value: Pipeline })
        {
            return new JobDefinition(Properties(map));
        }

        var place = (YamlNode?)type?.Value ?? map;
        reading.Add(path, place.Line, place.Column, $"'{JobType}: {Pipeline}' is missing; for another type of job, or for the YAML of 'az ml job create', write 'job' instead of 'pipelineJob'");
        return null;
    }

    private static (string Path, YamlMap Map)? Root(YamlText name, RuleParseContext reading)
    {
        if (reading.ReadNamed(name) is not var (path, text))
        {
            return null;
        }

        if (reading.Yaml(path, text) is YamlMap map)
        {
            return (path, map);
        }

        reading.Add(name, $"'{name.Value}' must be a mapping with the properties of a job");
        return null;
    }

    private static JobDefinition? Translate(string path, YamlMap map, RuleParseContext reading)
    {
        var inFile = reading.For(path);
        var keys = new MapReader(map, inFile, "job");

        // As in the Azure CLI, a job without a type is a command job.
        var type = keys.Scalar("type");
        if (type is not null && !Types.ContainsKey(type.Value))
        {
            inFile.Add(type, $"jobs of type '{type.Value}' are not translated; expected one of: {string.Join(", ", Types.Keys)}. A job of another type can run as a node of a pipeline component");
            reading.AddAll(inFile);
            return null;
        }

        var job = Types[type?.Value ?? "command"](keys);
        keys.RejectUnreadKeys();
        reading.AddAll(inFile);
        return inFile.Errors.Count == 0 ? job : null;
    }

    private static JsonObject Properties(YamlMap map)
    {
        var job = YamlJson.ToJson(map)?.AsObject() ?? [];
        WriteLiteralsAsText(job);
        return job;
    }

    // ARM accepts the value of a literal input only as a string, whatever its type.
    private static void WriteLiteralsAsText(JsonNode? node)
    {
        if (node is not JsonObject values)
        {
            return;
        }

        var isLiteral = values.TryGetPropertyValue("jobInputType", out var type) && type?.ToString() == JobLiteral.InputType;
        if (isLiteral && values["value"] is JsonValue value && value.GetValueKind() != JsonValueKind.String)
        {
            values["value"] = value.ToJsonString();
        }

        foreach (var member in values.Select(pair => pair.Value).ToList())
        {
            WriteLiteralsAsText(member);
        }
    }
}
