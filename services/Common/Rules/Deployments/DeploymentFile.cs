using System.Text.Json.Nodes;

using MLEvents.Rules.Jobs;
using MLEvents.Rules.Reading;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.Deployments;

/// <summary>Reads a deployment file, the YAML of <c>az ml online-deployment create</c>, and translates it to the REST body as the Azure CLI does.</summary>
internal static class DeploymentFile
{
    private static readonly Dictionary<string, string> Types = new() { ["managed"] = "Managed", ["kubernetes"] = DeploymentDefinition.Kubernetes };

    private static readonly Dictionary<string, string> Access = new() { ["enabled"] = "Enabled", ["disabled"] = "Disabled" };

    /// <summary>Reads a file; null if it cannot be used. The error is recorded with its position in the file.</summary>
    public static DeploymentDefinition? Read(YamlText name, RuleParseContext reading)
    {
        if (reading.ReadNamed(name) is not var (path, text))
        {
            return null;
        }

        if (reading.Yaml(path, text) is not YamlMap map)
        {
            reading.Add(name, $"'{name.Value}' must be a mapping, as 'az ml online-deployment create' requires");
            return null;
        }

        var inFile = reading.For(path);
        var definition = Translate(new MapReader(map, inFile, "deployment"));
        reading.AddAll(inFile);
        return inFile.Errors.Count == 0 ? definition : null;
    }

    private static DeploymentDefinition Translate(MapReader keys)
    {
        // The rule sets the endpoint, the planner creates the deployment's name, and the event or the rule sets the model. Only editors read the schema.
        foreach (var ignored in (string[])["$schema", "name", "endpoint_name", "model"])
        {
            keys.Node(ignored);
        }

        var body = new JsonObject { ["endpointComputeType"] = keys.Word("type", Types) ?? Types["managed"] };
        body.Put("description", keys.String("description"));
        body.Put("properties", keys.Strings("properties"));
        body.Put("instanceType", keys.String("instance_type"));
        body.Put("environmentId", Environment(keys));
        body.Put("codeConfiguration", Code(keys));
        body.Put("environmentVariables", keys.Strings("environment_variables"));
        body.Put("modelMountPath", keys.String("model_mount_path"));
        body.Put("appInsightsEnabled", keys.Node("app_insights_enabled") is null ? null : JsonValue.Create(keys.Flag("app_insights_enabled", ifAbsent: false)));
        body.Put("egressPublicNetworkAccess", keys.Word("egress_public_network_access", Access));
        body.Put("dataCollector", DataCollector.Read(keys));
        DeploymentSettings.Read(keys, body);
        var definition = new DeploymentDefinition(body)
        {
            InstanceCount = keys.Node("instance_count") is null ? null : keys.Number("instance_count", 1, ModelRollout.MaxInstances, ifAbsent: 1),
            Tags = keys.Each("tags", KeyShape.Text, (tag, node) => keys.AsText(tag, node)?.Value),
        };
        CheckType(keys, definition);
        keys.RejectUnreadKeys();
        return definition;
    }

    private static string? Environment(MapReader keys)
    {
        if (keys.Node("environment") is YamlMap map)
        {
            keys.Reading.Add(map, "the environment cannot be written in the deployment; register it (az ml environment create --file …) and refer to it with azureml:name:version");
            return null;
        }

        return keys.Reference(keys.Scalar("environment"), AssetReference.Environment);
    }

    private static JsonObject? Code(MapReader keys) => JobSettings.Part(keys, "code_configuration", (code, body) =>
    {
        body.Put("codeId", code.Reference(code.RequiredScalar("code"), CodeAsset));
        body.Put("scoringScript", code.RequiredScalar("scoring_script")?.Value);
    });

    private static string? CodeAsset(string text, out string? error)
    {
        var id = AssetReference.Code(text, out error);
        error = error is null || text.StartsWith("azureml:", StringComparison.Ordinal) ? error
            : $"'code: {text}' is not a registered code asset, and rules upload nothing; create the deployment once with the Azure CLI, which registers the code, and name that code asset (code: azureml:name:version), or build the code into the environment's image";
        return id;
    }

    private static void CheckType(MapReader keys, DeploymentDefinition definition)
    {
        if (keys.Node("resources") is { } resources && !definition.IsKubernetes)
        {
            keys.Reading.Add(resources, "'resources' is for deployments with 'type: kubernetes'; 'instance_type' sets the resources of a managed deployment");
        }

        if (keys.Node("egress_public_network_access") is { } egress && definition.IsKubernetes)
        {
            keys.Reading.Add(egress, "'egress_public_network_access' is for managed deployments; the cluster's network policies apply to a Kubernetes deployment");
        }
    }
}
