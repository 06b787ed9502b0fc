using System.Text.Json.Nodes;

using MLEvents.Rules.Reading;

namespace MLEvents.Rules.Jobs;

/// <summary>Translates the settings that command, sweep and pipeline jobs share.</summary>
internal static class JobSettings
{
    private static readonly Dictionary<string, string> IdentityTypes = new()
    {
        ["aml_token"] = "AMLToken",
        ["managed"] = "Managed",
        ["managed_identity"] = "Managed",
        ["user_identity"] = "UserIdentity",
    };

    private static readonly Dictionary<string, string> Tiers = new() { ["spot"] = "Spot", ["basic"] = "Basic", ["standard"] = "Standard", ["premium"] = "Premium" };

    private static readonly Dictionary<string, string> Distributions = new() { ["pytorch"] = "PyTorch", ["mpi"] = "Mpi", ["tensorflow"] = "TensorFlow" };

    private static readonly Dictionary<string, string> ServiceTypes = new()
    {
        ["jupyter_lab"] = "JupyterLab",
        ["ssh"] = "SSH",
        ["tensor_board"] = "TensorBoard",
        ["vs_code"] = "VSCode",
    };

    private static readonly Dictionary<string, string> Nodes = new() { ["all"] = "All" };

    /// <summary>Reads the settings that every job has.</summary>
    public static void ReadCommon(MapReader keys, JsonObject body)
    {
        // These keys are allowed but do not go into the body: only editors read the schema, the action determines the name, and the caller has read the type.
        keys.Scalar("$schema");
        keys.Scalar("name");
        keys.Scalar("type");
        body.Put("displayName", keys.String("display_name"));
        body.Put("experimentName", keys.String("experiment_name"));
        body.Put("description", keys.String("description"));
        body.Put("tags", keys.Strings("tags"));
        body.Put("properties", keys.Strings("properties"));
        body.Put("computeId", keys.Reference(keys.Scalar("compute"), AssetReference.Compute));
        body.Put("identity", Identity(keys));
    }

    /// <summary>Reads the compute resources of a job.</summary>
    public static JsonObject? Resources(MapReader keys) => Part(keys, "resources", (resources, body) =>
    {
        body.Put("instanceCount", resources.Count("instance_count"));
        body.Put("instanceType", resources.String("instance_type"));
        body.Put("shmSize", resources.String("shm_size"));
        body.Put("dockerArgs", resources.String("docker_args"));
        body.Put("properties", resources.Raw("properties"));
    });

    /// <summary>Reads the queue settings of a serverless job.</summary>
    public static JsonObject? Queue(MapReader keys) => Part(keys, "queue_settings", (queue, body) => body.Put("jobTier", queue.Word("job_tier", Tiers)));

    /// <summary>Reads the distribution of a job over processes.</summary>
    public static JsonObject? Distribution(MapReader keys) => Part(keys, "distribution", (distribution, body) =>
    {
        distribution.Required("type");
        body.Put("distributionType", distribution.Word("type", Distributions));
        body.Put("processCountPerInstance", distribution.Count("process_count_per_instance"));
        body.Put("workerCount", distribution.Count("worker_count"));
        body.Put("parameterServerCount", distribution.Count("parameter_server_count"));
    });

    /// <summary>Reads the interactive services of a job.</summary>
    public static JsonObject? Services(MapReader keys) => Part(keys, "services", (services, body) =>
    {
        foreach (var name in services.Map.Entries.Select(entry => entry.Key.Value))
        {
            body.Put(name, Part(services, name, ReadService));
        }
    });

    /// <summary>Reads a mapping; null if it is absent.</summary>
    public static JsonObject? Part(MapReader keys, string key, Action<MapReader, JsonObject> read)
    {
        if (keys.Child(key) is not { } part)
        {
            return null;
        }

        var body = new JsonObject();
        read(part, body);
        part.RejectUnreadKeys();
        return body;
    }

    private static JsonObject? Identity(MapReader keys) => Part(keys, "identity", (identity, body) =>
    {
        identity.Required("type");
        body.Put("identityType", identity.Word("type", IdentityTypes));
        body.Put("clientId", identity.String("client_id"));
        body.Put("objectId", identity.String("object_id"));
        body.Put("resourceId", identity.String("msi_resource_id"));
    });

    private static void ReadService(MapReader service, JsonObject body)
    {
        body.Put("jobServiceType", service.Word("type", ServiceTypes) ?? service.Word("job_service_type", ServiceTypes));
        body.Put("port", service.Count("port"));
        body.Put("nodes", service.Word("nodes", Nodes) is { } nodes ? new JsonObject { ["nodesValueType"] = nodes } : null);
        var properties = service.Strings("properties") as JsonObject ?? [];
        properties.Put("sshPublicKeys", service.String("ssh_public_keys"));
        properties.Put("logDir", service.String("log_dir"));
        body.Put("properties", properties.Count > 0 ? properties : null);
    }
}
