using System.Text.Json.Nodes;

using MLEvents.Rules.Reading;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.Jobs;

/// <summary>Translates a pipeline node. The REST API does not define the form of a node: the Azure CLI sends most members in the spelling of the job file.</summary>
internal static class PipelineNodeReader
{
    private const string CommandType = "command";
    private const string PipelineType = "pipeline";
    private const string SweepType = "sweep";

    private static readonly Dictionary<string, string> Types = new() { [CommandType] = CommandType, [PipelineType] = PipelineType, [SweepType] = SweepType };

    /// <summary>Reads a node.</summary>
    public static JsonObject Read(string name, MapReader keys)
    {
        var type = Type(keys);
        var body = new JsonObject { ["name"] = name, ["type"] = type, ["_source"] = "YAML.COMPONENT" };
        body.Put("display_name", keys.String("display_name"));
        body.Put("tags", keys.Strings("tags"));
        body.Put("properties", keys.Strings("properties"));
        body.Put("comment", keys.String("comment"));
        body.Put("computeId", keys.Reference(keys.Scalar("compute"), Compute));
        body.Put("inputs", JobInputReader.ForNodes.Read(keys, []));
        body.Put("outputs", JobOutputReader.ReadNode(keys));
        switch (type)
        {
            case SweepType:
                ReadSweep(keys, body);
                break;
            case CommandType:
                ReadCommand(keys, body);
                break;
            case PipelineType:
                body.Put("componentId", Component(keys, "component"));
                break;
            default:
                // The type is unknown, and the method Type has recorded an error.
                break;
        }

        keys.RejectUnreadKeys();
        return body;
    }

    private static string Type(MapReader keys)
    {
        if (keys.Scalar("type") is not { } text || Types.ContainsKey(text.Value))
        {
            return keys.Scalar("type")?.Value ?? CommandType;
        }

        keys.IgnoreUnreadKeys();
        keys.Reading.Add(text, $"nodes of type '{text.Value}' are not translated; put the node into a pipeline component (az ml component create --file …) and refer to the component with 'type: pipeline' and 'component: azureml:name:version'");
        return text.Value;
    }

    // A node can run on the compute target that an input of the pipeline names.
    private static string? Compute(string text, out string? error)
    {
        error = null;
        return text.StartsWith("${{parent.inputs.", StringComparison.Ordinal) ? text : AssetReference.Compute(text, out error);
    }

    private static void ReadCommand(MapReader keys, JsonObject body)
    {
        body.Put("componentId", Component(keys, "component"));
        body.Put("environment_variables", keys.Strings("environment_variables"));
        body.Put("identity", JobSettings.Part(keys, "identity", (identity, part) => part.Put("type", identity.String("type"))));
        body.Put("resources", keys.Raw("resources"));
        body.Put("limits", JobSettings.Part(keys, "limits", (limits, part) =>
        {
            part["job_limits_type"] = "Command";
            part.Put("timeout", limits.Seconds("timeout"));
        }));
        if (JobSettings.Services(keys) is { } services)
        {
            body["services"] = new JsonObject(services.Select(service => KeyValuePair.Create(service.Key, (JsonNode?)ToSnakeCase(service.Value?.AsObject() ?? []))));
        }

        if (JobSettings.Distribution(keys) is { } distribution)
        {
            body["distribution"] = ToSnakeCase(distribution);
        }
    }

    private static void ReadSweep(MapReader keys, JsonObject body)
    {
        body.Put("trial", Component(keys, "trial") is { } id ? new JsonObject { ["componentId"] = id } : null);
        foreach (var member in (string[])["search_space", "sampling_algorithm", "objective", "early_termination", "limits", "resources"])
        {
            body.Put(member, keys.Raw(member));
        }
    }

    private static string? Component(MapReader keys, string key)
    {
        if (keys.Node(key) is not YamlText text)
        {
            keys.IgnoreUnreadKeys();
            keys.Reading.Add(keys.Node(key) ?? keys.Map, $"a node needs a registered component ({key}: azureml:name:version), because rules upload nothing; register the component first (az ml component create --file …)");
            return null;
        }

        return keys.Reference(text, AssetReference.Component);
    }

    private static JsonObject ToSnakeCase(JsonObject camel) =>
        new(camel.Select(member => KeyValuePair.Create(string.Concat(member.Key.Select(letter => char.IsAsciiLetterUpper(letter) ? "_" + char.ToLowerInvariant(letter) : letter.ToString())), member.Value?.DeepClone())));
}
