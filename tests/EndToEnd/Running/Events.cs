using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Client;

namespace MLEvents.EndToEnd.Running;

/// <summary>Events of the local workspace in the Event Grid schema, each with its own id.</summary>
internal static class Events
{
    private const string Prefix = "Microsoft.MachineLearningServices.";

    /// <summary>A dataset monitor (v1) detected drift.</summary>
    public static JsonObject Drift(string monitor, double coefficient = 0.74) => Create("DatasetDriftDetected", "datadrift/1/run/1_1", new()
    {
        ["dataDriftId"] = Guid.NewGuid().ToString(),
        ["dataDriftName"] = monitor,
        ["runId"] = "1_1",
        ["baseDatasetId"] = Guid.NewGuid().ToString(),
        ["targetDatasetId"] = Guid.NewGuid().ToString(),
        ["driftCoefficient"] = coefficient,
        ["startTime"] = "2026-01-01T00:00:00+00:00",
        ["endTime"] = "2026-01-02T00:00:00+00:00",
    });

    /// <summary>A run failed. For this event, the sample rules send one mail and start no action in Azure.</summary>
    public static JsonObject RunFailed(string experiment = "end-to-end") => Create("RunStatusChanged", "experiments/1/runs/run-1", new()
    {
        ["experimentId"] = "1",
        ["experimentName"] = experiment,
        ["runId"] = "run-1",
        ["runType"] = null,
        ["runTags"] = new JsonObject(),
        ["runProperties"] = new JsonObject(),
        ["runStatus"] = "Failed",
    });

    /// <summary>Creates an event. The type is given without the prefix of Azure Machine Learning.</summary>
    public static JsonObject Create(string type, string subject, JsonObject data) => new()
    {
        ["topic"] = SimulatorClient.Workspace,
        ["subject"] = subject,
        ["eventType"] = Prefix + type,
        ["eventTime"] = "2026-01-02T03:04:05.6789012Z",
        ["id"] = Guid.NewGuid().ToString(),
        ["data"] = data,
        ["dataVersion"] = "2",
        ["metadataVersion"] = "1",
    };

    /// <summary>Returns the id of an event, which is also the id of its chain.</summary>
    public static string Id(this JsonObject workflowEvent) => (string?)workflowEvent["id"] ?? "";
}
