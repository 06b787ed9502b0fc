using System.Text.Json.Nodes;

using MLEvents.Rules.Reading;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.Jobs;

/// <summary>Translates the <c>outputs</c> of a job or of a node of a pipeline.</summary>
internal static class JobOutputReader
{
    private const string DefaultType = "uri_folder";
    private const string JobMember = "jobOutputType";
    private const string NodeMember = "job_output_type";

    private static readonly Dictionary<string, string> Types =
        new[] { DefaultType, "uri_file", "mltable", "mlflow_model", "custom_model", "triton_model" }.ToDictionary(type => type);

    private static readonly Dictionary<string, string> Modes = new()
    {
        ["rw_mount"] = "ReadWriteMount",
        ["mount"] = "ReadWriteMount",
        ["upload"] = "Upload",
        ["direct"] = "Direct",
    };

    /// <summary>Reads the outputs of a job.</summary>
    public static JsonObject? ReadJob(MapReader keys) => Read(keys, JobMember);

    /// <summary>Reads the outputs of a node. Most of them are bound to outputs of the pipeline.</summary>
    public static JsonObject? ReadNode(MapReader keys) => Read(keys, NodeMember);

    private static JsonObject? Read(MapReader keys, string typeMember)
    {
        if (keys.Child("outputs") is not { } outputs)
        {
            return null;
        }

        var body = new JsonObject();
        foreach (var entry in outputs.Map.Entries)
        {
            body[entry.Key.Value] = entry.Value is YamlText text ? Bound(text, typeMember, outputs) : outputs.Child(entry.Key.Value) is { } output ? Output(output, typeMember) : null;
        }

        return body;
    }

    private static JsonObject? Bound(YamlText text, string typeMember, MapReader outputs)
    {
        if (text.IsNull)
        {
            return new JsonObject { [typeMember] = DefaultType };
        }

        if (JobInputReader.IsBinding(text.Value))
        {
            return new JsonObject { ["type"] = JobLiteral.InputType, ["value"] = text.Value };
        }

        outputs.Reading.Add(text, $"an output must be a mapping, or bound to an output of the pipeline (${{{{parent.outputs.name}}}}), not '{text.Value}'");
        return null;
    }

    private static JsonObject Output(MapReader keys, string typeMember)
    {
        var (type, path, mode) = (keys.Word("type", Types) ?? DefaultType, keys.Scalar("path"), keys.Word("mode", Modes));
        var output = path is not null && JobInputReader.IsBinding(path.Value)
            ? new JsonObject { ["type"] = JobLiteral.InputType, ["value"] = path.Value }
            : new JsonObject { [typeMember] = type };
        output.Put("mode", mode);
        if (path is not null && !JobInputReader.IsBinding(path.Value))
        {
            output.Put("uri", keys.Reference(path, (string text, out string? error) => AssetReference.Data(text, type, out error)));
        }

        if (typeMember == JobMember)
        {
            // Azure ML registers the output under this name.
            output.Put("assetName", keys.String("name"));
            output.Put("assetVersion", keys.String("version"));
        }

        keys.RejectUnreadKeys();
        return output;
    }
}
