using System.Text.Json.Nodes;

using MLEvents.Rules.Reading;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.Jobs;

/// <summary>Translates a command job. The trial of a sweep job is a command too.</summary>
internal static class CommandJobReader
{
    /// <summary>Reads a command job.</summary>
    public static JobDefinition Read(MapReader keys)
    {
        var literals = new Dictionary<string, LiteralType>();
        var body = new JsonObject { ["jobType"] = "Command" };
        JobSettings.ReadCommon(keys, body);
        ReadCommand(keys, body);
        body.Put("inputs", JobInputReader.ForJobs.Read(keys, literals));
        body.Put("outputs", JobOutputReader.ReadJob(keys));
        body.Put("services", JobSettings.Services(keys));
        body.Put("queueSettings", JobSettings.Queue(keys));
        body.Put("limits", JobSettings.Part(keys, "limits", (limits, limit) =>
        {
            limit["jobLimitsType"] = "Command";
            limit.Put("timeout", limits.Seconds("timeout"));
        }));
        return new JobDefinition(body) { Literals = literals, IsClosed = true };
    }

    /// <summary>Reads the command with its code, environment, environment variables, distribution and resources.</summary>
    public static void ReadCommand(MapReader keys, JsonObject body)
    {
        body.Put("command", keys.RequiredScalar("command")?.Value);
        body.Put("codeId", keys.Reference(keys.Scalar("code"), AssetReference.Code));
        body.Put("environmentId", Environment(keys));
        body.Put("environmentVariables", keys.Strings("environment_variables"));
        body.Put("distribution", JobSettings.Distribution(keys));
        body.Put("resources", JobSettings.Resources(keys));
    }

    private static string? Environment(MapReader keys)
    {
        if (keys.Required("environment") is YamlMap map)
        {
            keys.Reading.Add(map, "the environment cannot be written in the job; register it (az ml environment create --file …) and refer to it with azureml:name:version");
            return null;
        }

        return keys.Reference(keys.Scalar("environment"), AssetReference.Environment);
    }
}
