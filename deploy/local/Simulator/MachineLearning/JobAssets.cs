using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>The inputs and outputs of a job. Their required members must exist, because the clients of the typed SDKs fail without these members.</summary>
internal static class JobAssets
{
    private const string Literal = "literal";
    private static readonly string[] AssetTypes = ["uri_file", "uri_folder", "mltable", "custom_model", "mlflow_model", "triton_model"];

    /// <summary>Validates inputs and outputs, and sets the type, mode and uri of outputs as Azure does.</summary>
    /// <exception cref="ArmRefusal">A required member is missing or a type is unknown.</exception>
    public static void Complete(string job, JsonObject properties)
    {
        foreach (var (name, input) in properties["inputs"] as JsonObject ?? [])
        {
            CompleteInput($"properties.inputs.{name}", input);
        }

        foreach (var (name, output) in properties["outputs"] as JsonObject ?? [])
        {
            CompleteOutput(job, name, output);
        }
    }

    private static void CompleteInput(string target, JsonNode? input)
    {
        var type = SetType(input, "jobInputType", target, [Literal, .. AssetTypes]);
        var required = type == Literal ? "value" : "uri";
        if (input.At(required) is not JsonValue)
        {
            throw ArmRefusal.BadContent($"Required property '{required}' of a job input of type '{type}' not found in JSON.", $"{target}.{required}");
        }
    }

    private static void CompleteOutput(string job, string name, JsonNode? output)
    {
        SetType(output, "jobOutputType", $"properties.outputs.{name}", AssetTypes);
        if (output is JsonObject members)
        {
            members["mode"] ??= "ReadWriteMount";
            members["uri"] ??= $"azureml://datastores/workspaceblobstore/paths/azureml/{job}/{name}/";
        }
    }

    private static string SetType(JsonNode? asset, string member, string target, string[] types)
    {
        var given = asset.Text(member);
        var type = types.FirstOrDefault(known => Simplify(known).Equals(Simplify(given), StringComparison.OrdinalIgnoreCase));
        if (asset is not JsonObject members || type is null)
        {
            throw ArmRefusal.BadContent($"'{member}' is '{given}'; expected one of: {string.Join(", ", types)}.", $"{target}.{member}");
        }

        members[member] = type;
        return type;
    }

    // Some clients write MLFlowModel where the wire value is mlflow_model.
    private static string Simplify(string? type) => (type ?? "").Replace("_", "", StringComparison.Ordinal);
}
