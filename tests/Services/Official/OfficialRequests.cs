using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using MLEvents.Tests.Common;

namespace MLEvents.Tests.Services.Official;

/// <summary>
/// Compares requests with Azure's official examples and with rules of the specification: known members, kinds of values, required members, and values of
/// enumerated members. Most rules come from the README beside the examples. The examples are not part of the repository (see
/// <see cref="Repository.Reference"/>). Without them, nothing is compared.
/// </summary>
public static partial class OfficialRequests
{
    private static readonly string[] DataTypes = ["uri_file", "uri_folder", "mltable", "custom_model", "mlflow_model", "triton_model"];
    private static readonly string[] EnabledDisabled = ["Enabled", "Disabled"];

    private static readonly Dictionary<string, string[]> Identity = new() { ["identity.type"] = ["None", "SystemAssigned", "UserAssigned", "SystemAssigned,UserAssigned", "SystemAssigned, UserAssigned"] };

    private static readonly OfficialOperation Endpoint = new("OnlineEndpoints_CreateOrUpdate")
    {
        Example = "machinelearning/Workspace_OnlineEndpoint_createOrUpdate.json",
        Further = """{ "tags": { "string": "x" }, "properties": { "mirrorTraffic": { "string": 1 }, "publicNetworkAccess": "Enabled" } }""",
        Required = ["location", "properties.authMode"],
        Values = new Dictionary<string, string[]>(Identity) { ["properties.authMode"] = ["AMLToken", "Key", "AADToken"], ["properties.publicNetworkAccess"] = EnabledDisabled },
    };

    private static readonly OfficialOperation Deployment = new("OnlineDeployments_CreateOrUpdate")
    {
        Example = "machinelearning/OnlineDeployment_ManagedOnlineDeployment_createOrUpdate.json",
        Further = """
            {
              "tags": { "string": "x" },
              "properties": {
                "egressPublicNetworkAccess": "Enabled",
                "scaleSettings": { "scaleType": "x", "minInstances": 1, "maxInstances": 1, "pollingInterval": "PT1S", "targetUtilizationPercentage": 1 },
                "dataCollector": {
                  "collections": { "string": { "clientId": "x", "dataCollectionMode": "Enabled", "dataId": "x", "samplingRate": 1 } }, "rollingRate": "Hour", "requestLogging": { "captureHeaders": ["x"] }
                }
              }
            }
            """,
        Required = ["location", "properties.endpointComputeType"],
        Values = new Dictionary<string, string[]>(Identity)
        {
            ["properties.endpointComputeType"] = ["Managed", "Kubernetes", "AzureMLCompute"],
            ["properties.egressPublicNetworkAccess"] = EnabledDisabled,
            ["properties.scaleSettings.scaleType"] = ["Default", "TargetUtilization"],
            ["properties.dataCollector.collections.*.dataCollectionMode"] = EnabledDisabled,
            ["properties.dataCollector.rollingRate"] = ["Year", "Month", "Day", "Hour", "Minute"],
        },
    };

    private static readonly OfficialOperation Job = new("Jobs_CreateOrUpdate")
    {
        Further = """
            {
              "properties": {
                "componentId": "x", "isArchived": true, "identity": { "identityType": "x", "clientId": "x", "objectId": "x", "resourceId": "x" },
                "notificationSetting": {}, "queueSettings": { "jobTier": "x" }, "services": { "string": { "nodes": { "nodesValueType": "x" } } },
                "inputs": { "string": { "uri": "x", "mode": "x", "pathOnCompute": "x" } }, "outputs": { "string": { "assetName": "x", "assetVersion": "x" } }
              }
            }
            """,
        Required = ["properties.jobType"],
        Values = new Dictionary<string, string[]>
        {
            ["properties.inputs.*.jobInputType"] = ["literal", .. DataTypes],
            ["properties.inputs.*.mode"] = ["ReadOnlyMount", "ReadWriteMount", "Download", "Direct", "EvalMount", "EvalDownload"],
            ["properties.outputs.*.jobOutputType"] = DataTypes,
            ["properties.outputs.*.mode"] = ["ReadWriteMount", "Upload", "Direct"],
            ["properties.identity.identityType"] = ["AMLToken", "Managed", "UserIdentity"],
            ["properties.queueSettings.jobTier"] = ["Null", "Spot", "Basic", "Standard", "Premium"],
            ["properties.services.*.nodes.nodesValueType"] = ["All"],
            ["properties.distribution.distributionType"] = ["PyTorch", "TensorFlow", "Mpi"],
            ["properties.limits.jobLimitsType"] = ["Command", "Sweep"],
        },
        Check = FindInputFaults,
    };

    private static readonly OfficialOperation PipelineJob = Job with
    {
        Example = "machinelearning/Job_PipelineJob_createOrUpdate.json",
        Further = Job.Further.Replace("\"componentId\"", "\"sourceJobId\": \"x\", \"jobs\": {}, \"componentId\"", StringComparison.Ordinal),
    };

    private static readonly OfficialOperation CommandJob = Job with
    {
        Example = "machinelearning/Job_CommandJob_createOrUpdate.json",
        Further = Job.Further.Replace("\"componentId\"", "\"resources\": { \"shmSize\": \"x\", \"dockerArgs\": \"x\" }, \"distribution\": { \"processCountPerInstance\": 1 }, \"componentId\"", StringComparison.Ordinal),
        Required = [.. Job.Required, "properties.command", "properties.environmentId"],
    };

    // The official examples in the reference folder contain no sweep job. A sweep job shares most members with a command job.
    private static readonly OfficialOperation SweepJob = CommandJob with
    {
        Further = CommandJob.Further.Replace(
            "\"componentId\"",
            "\"trial\": {}, \"searchSpace\": {}, \"samplingAlgorithm\": {}, \"objective\": { \"goal\": \"x\", \"primaryMetric\": \"x\" }, \"earlyTermination\": {}, \"limits\": { \"maxTotalTrials\": 1, \"maxConcurrentTrials\": 1, \"trialTimeout\": \"PT1M\" }, \"componentId\"",
            StringComparison.Ordinal),
        Required = [.. Job.Required, "properties.objective", "properties.samplingAlgorithm", "properties.searchSpace", "properties.trial"],
        Values = new Dictionary<string, string[]>(Job.Values) { ["properties.objective.goal"] = ["Minimize", "Maximize"] },
    };

    // The official examples in the reference folder contain no batch endpoint invocation. The README beside the examples describes the body.
    private static readonly OfficialOperation BatchInvocation = new("BatchEndpoints_Invoke")
    {
        Further = """
            {
              "properties": {
                "InputData": { "string": { "JobInputType": "UriFolder", "Uri": "x", "Value": "x" } }, "OutputData": { "string": { "JobOutputType": "UriFile", "Uri": "x" } },
                "properties": { "string": "x" }, "tags": { "string": "x" }, "displayName": "x", "experimentName": "x", "name": "x"
              }
            }
            """,
        Values = new Dictionary<string, string[]>
        {
            ["properties.InputData.*.JobInputType"] = ["UriFolder", "UriFile", "Literal", "MLTable", "CustomModel", "MLFlowModel", "TritonModel"],
            ["properties.OutputData.*.JobOutputType"] = ["UriFolder", "UriFile", "MLTable", "CustomModel", "MLFlowModel", "TritonModel"],
        },
    };

    // The official examples in the reference folder do not cover Azure Monitor. These members are from the Azure Monitor specification, API version 2022-10-01.
    private static readonly OfficialOperation Autoscale = new("AutoscaleSettings_CreateOrUpdate")
    {
        ApiVersion = "2022-10-01",
        Further = """
            {
              "location": "x", "tags": { "string": "x" },
              "properties": {
                "enabled": true, "name": "x", "targetResourceUri": "x", "targetResourceLocation": "x", "notifications": [{}], "predictiveAutoscalePolicy": {},
                "profiles": [{
                  "name": "x", "fixedDate": {}, "recurrence": {}, "capacity": { "minimum": "1", "maximum": "1", "default": "1" },
                  "rules": [{
                    "metricTrigger": {
                      "metricName": "x", "metricNamespace": "x", "metricResourceUri": "x", "metricResourceLocation": "x", "timeGrain": "PT1M", "statistic": "x", "timeWindow": "PT5M", "timeAggregation": "x",
                      "operator": "x", "threshold": 1, "dimensions": [{}], "dividePerInstance": true
                    },
                    "scaleAction": { "direction": "x", "type": "x", "value": "1", "cooldown": "PT1M" }
                  }]
                }]
              }
            }
            """,
        Required = ["location", "properties.profiles"],
        Values = new Dictionary<string, string[]>
        {
            ["properties.profiles.*.rules.*.metricTrigger.statistic"] = ["Average", "Min", "Max", "Sum", "Count"],
            ["properties.profiles.*.rules.*.metricTrigger.timeAggregation"] = ["Average", "Minimum", "Maximum", "Total", "Count", "Last"],
            ["properties.profiles.*.rules.*.metricTrigger.operator"] = ["Equals", "NotEquals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"],
            ["properties.profiles.*.rules.*.scaleAction.direction"] = ["None", "Increase", "Decrease"],
            ["properties.profiles.*.rules.*.scaleAction.type"] = ["ChangeCount", "PercentChangeCount", "ExactCount", "ServiceAllowedNextValue"],
        },
    };

    /// <summary>Whether the official examples are available.</summary>
    public static bool AreAvailable => Repository.Reference is { } folder && Directory.Exists(Path.Combine(folder, "arm"));

    /// <summary>The differences of requests from the specification; empty without the examples. A request whose operation this class does not know is reported as a difference.</summary>
    public static IReadOnlyList<string> FindFaults(IEnumerable<SentRequest> requests) => AreAvailable
        ? [.. requests.SelectMany(request => Find(request)?.FindFaults(request) ?? [Unknown(request)]).Distinct()]
        : [];

    /// <summary>The operation of a request, as Azure's specification names it; null if it is not known.</summary>
    public static string? NameOf(SentRequest request) => Find(request)?.Name;

    private static string Unknown(SentRequest request) =>
        $"{request.Method} {request.Path}: {nameof(OfficialRequests)} does not know this operation. Add its members and allowed values from the specification";

    private static OfficialOperation? Find(SentRequest request) => $"{request.Method} {Names().Replace(request.Path, "/*").ToUpperInvariant()}" switch
    {
        var call when call.EndsWith("/ONLINEENDPOINTS/*", StringComparison.Ordinal) && request.Method == "PUT" => Endpoint,
        var call when call.EndsWith("/ONLINEENDPOINTS/*/DEPLOYMENTS/*", StringComparison.Ordinal) && request.Method == "PUT" => (string?)request.Body?["properties"]?["endpointComputeType"] == "Kubernetes"
            ? Deployment with { Example = "machinelearning/OnlineDeployment_KubernetesOnlineDeployment_createOrUpdate.json" }
            : Deployment,
        var call when call.EndsWith("/GETLOGS", StringComparison.Ordinal) => new("OnlineDeployments_GetLogs")
        {
            Example = "machinelearning/OnlineDeployment_getLogs.json",
            Values = new Dictionary<string, string[]> { ["containerType"] = ["StorageInitializer", "InferenceServer"] },
        },
        var call when call.EndsWith("/WORKSPACES/*/JOBS/*", StringComparison.Ordinal) && request.Method == "PUT" => (string?)request.Body?["properties"]?["jobType"] switch
        {
            "Pipeline" => PipelineJob,
            "Command" => CommandJob,
            "Sweep" => SweepJob,
            _ => null,
        },
        var call when call.EndsWith("/QUERYPIPELINERUNS", StringComparison.Ordinal) => new("PipelineRuns_QueryByFactory")
        {
            Example = "datafactory/PipelineRuns_QueryByFactory.json",
            Member = "filterParameters",
            Further = """{ "continuationToken": "x", "orderBy": [{ "orderBy": "x", "order": "x" }] }""",
            Required = ["lastUpdatedAfter", "lastUpdatedBefore"],
        },
        var call when call.EndsWith("/CREATERUN", StringComparison.Ordinal) => new("Pipelines_CreateRun") { Example = "datafactory/Pipelines_CreateRun.json", Member = "none", Further = "{}" },
        var call when call.EndsWith("/BATCH/*/JOBS", StringComparison.Ordinal) => BatchInvocation,
        var call when call.EndsWith("/AUTOSCALESETTINGS/*", StringComparison.Ordinal) && request.Method == "PUT" => Autoscale,
        _ => null,
    };

    private static IEnumerable<string> FindInputFaults(JsonNode? body) => (body?["properties"]?["inputs"] as JsonObject ?? [])
        .Select(input => (input.Key, Input: input.Value, Needed: (string?)input.Value?["jobInputType"] == "literal" ? "value" : "uri"))
        .Where(one => one.Input is not null && one.Input[one.Needed] is null)
        .Select(one => $"properties.inputs.{one.Key}.{one.Needed} is missing, and the specification requires it for the type {one.Input?["jobInputType"]}");

    // The names of resources in a path. Each name follows the type of its resource.
    [GeneratedRegex("(?<=/(workspaces|onlineEndpoints|deployments|jobs|batch|autoscaleSettings))/[^/]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Names();
}
