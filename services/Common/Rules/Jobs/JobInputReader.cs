using System.Text.Json.Nodes;

using MLEvents.Rules.Reading;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.Jobs;

/// <summary>
/// Translates the <c>inputs</c> of a job or of a pipeline node. In the REST API, the member for the type has another name in a node than in a job.
/// </summary>
internal sealed class JobInputReader
{
    /// <summary>The inputs of a job.</summary>
    public static readonly JobInputReader ForJobs = new("jobInputType");

    /// <summary>The inputs of a node of a pipeline.</summary>
    public static readonly JobInputReader ForNodes = new("job_input_type");

    private static readonly string[] DataTypes = ["uri_folder", "uri_file", "mltable", "mlflow_model", "custom_model", "triton_model"];

    private static readonly Dictionary<string, string> Types = DataTypes.Concat(JobLiteral.Types.Keys).ToDictionary(type => type);

    private static readonly Dictionary<string, string> Modes = new()
    {
        ["ro_mount"] = "ReadOnlyMount",
        ["mount"] = "ReadOnlyMount",
        ["rw_mount"] = "ReadWriteMount",
        ["download"] = "Download",
        ["direct"] = "Direct",
        ["eval_mount"] = "EvalMount",
        ["eval_download"] = "EvalDownload",
    };

    private readonly string _typeMember;

    private JobInputReader(string typeMember) => _typeMember = typeMember;

    /// <summary>Whether a value is bound to another value of the pipeline.</summary>
    public static bool IsBinding(string text) => text.StartsWith("${{", StringComparison.Ordinal) && text.EndsWith("}}", StringComparison.Ordinal);

    /// <summary>Reads the inputs.</summary>
    /// <param name="keys">The job or node.</param>
    /// <param name="literals">Receives the declared types of literal inputs.</param>
    public JsonObject? Read(MapReader keys, Dictionary<string, LiteralType> literals)
    {
        if (keys.Child("inputs") is not { } inputs)
        {
            return null;
        }

        var body = new JsonObject();
        foreach (var entry in inputs.Map.Entries)
        {
            var name = entry.Key.Value;
            body[name] = entry.Value switch
            {
                YamlText { IsNull: true } => LiteralOf(null, name, LiteralType.Text, literals),
                YamlText text => LiteralOf(JobLiteral.Write(text.Value, JobLiteral.TypeOf(text)), name, JobLiteral.TypeOf(text), literals),
                _ => inputs.Child(name) is { } input ? Input(name, input, literals) : null,
            };
        }

        return body;
    }

    private JsonObject? Input(string name, MapReader keys, Dictionary<string, LiteralType> literals)
    {
        var type = keys.Word("type", Types) ?? "uri_folder";
        var input = JobLiteral.Types.TryGetValue(type, out var literal) ? Value(name, keys, literal, literals) : Data(keys, type);
        keys.RejectUnreadKeys();
        return input;
    }

    private JsonObject? Value(string name, MapReader keys, LiteralType type, Dictionary<string, LiteralType> literals)
    {
        var text = keys.Scalar("value") ?? keys.Scalar("default");
        var value = text is null ? null : JobLiteral.Write(text.Value, type);
        if (value is null)
        {
            keys.Reading.Add((YamlNode?)text ?? keys.Map, text is null ? $"the input '{name}' needs a 'value'" : $"the value of '{name}' must be {JobLiteral.Describe(type)}, not '{text.Value}'");
            return null;
        }

        return LiteralOf(value, name, type, literals);
    }

    private JsonObject? Data(MapReader keys, string type)
    {
        var (path, mode) = (keys.RequiredScalar("path"), keys.Word("mode", Modes));
        if (path is null)
        {
            return null;
        }

        var input = IsBinding(path.Value)
            ? new JsonObject { [_typeMember] = JobLiteral.InputType, ["value"] = path.Value }
            : new JsonObject { [_typeMember] = type, ["uri"] = keys.Reference(path, (string text, out string? error) => AssetReference.Data(text, type, out error)) };
        input.Put("mode", mode);
        return input;
    }

    private JsonObject LiteralOf(string? value, string name, LiteralType type, Dictionary<string, LiteralType> literals)
    {
        literals[name] = type;
        return new JsonObject { [_typeMember] = JobLiteral.InputType, ["value"] = value };
    }
}
