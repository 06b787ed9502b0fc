using System.Text.Json.Nodes;

using MLEvents.Rules.Jobs;
using MLEvents.Rules.Reading;

namespace MLEvents.Rules.Deployments;

/// <summary>Translates the probes, limits and scale settings of a deployment file.</summary>
internal static class DeploymentSettings
{
    private static readonly Dictionary<string, string> ScaleTypes = new() { ["default"] = "Default", ["target_utilization"] = "TargetUtilization" };

    /// <summary>Reads the settings into the REST body.</summary>
    public static void Read(MapReader keys, JsonObject body)
    {
        body.Put("livenessProbe", Probe(keys, "liveness_probe"));
        body.Put("readinessProbe", Probe(keys, "readiness_probe"));
        body.Put("requestSettings", JobSettings.Part(keys, "request_settings", (request, settings) =>
        {
            settings.Put("requestTimeout", Milliseconds(request, "request_timeout_ms"));
            settings.Put("maxConcurrentRequestsPerInstance", request.Count("max_concurrent_requests_per_instance"));
            settings.Put("maxQueueWait", Milliseconds(request, "max_queue_wait_ms"));
        }));
        body.Put("scaleSettings", JobSettings.Part(keys, "scale_settings", ReadScale));
        body.Put("containerResourceRequirements", JobSettings.Part(keys, "resources", (resources, requirements) =>
        {
            requirements.Put("containerResourceRequests", Container(resources, "requests"));
            requirements.Put("containerResourceLimits", Container(resources, "limits"));
        }));
    }

    private static JsonObject? Probe(MapReader keys, string key) => JobSettings.Part(keys, key, (probe, settings) =>
    {
        settings.Put("failureThreshold", probe.Count("failure_threshold"));
        settings.Put("successThreshold", probe.Count("success_threshold"));
        settings.Put("timeout", probe.Seconds("timeout"));
        settings.Put("period", probe.Seconds("period"));
        settings.Put("initialDelay", probe.Seconds("initial_delay"));
    });

    private static void ReadScale(MapReader scale, JsonObject settings)
    {
        settings["scaleType"] = scale.Word("type", ScaleTypes) ?? ScaleTypes["default"];
        settings.Put("minInstances", scale.Count("min_instances"));
        settings.Put("maxInstances", scale.Count("max_instances"));
        settings.Put("pollingInterval", scale.Seconds("polling_interval"));
        settings.Put("targetUtilizationPercentage", scale.Count("target_utilization_percentage"));
        if ((string?)settings["scaleType"] == "Default" && settings.Count > 1)
        {
            scale.Reading.Add(scale.Map, "the other keys of 'scale_settings' need 'type: target_utilization'; with 'type: default', 'instance_count' sets the number of instances at the start, and Azure Monitor's autoscale rules can change the number");
        }
    }

    private static JsonObject? Container(MapReader keys, string key) => JobSettings.Part(keys, key, (container, resources) =>
    {
        resources.Put("cpu", container.String("cpu"));
        resources.Put("memory", container.String("memory"));
        resources.Put("gpu", container.String("nvidia.com/gpu"));
    });

    private static JsonValue? Milliseconds(MapReader keys, string key) => keys.Node(key) is null
        ? null
        : JsonValue.Create(System.Xml.XmlConvert.ToString(TimeSpan.FromMilliseconds(keys.Number(key, 1, int.MaxValue, 1))));
}
