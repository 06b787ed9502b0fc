using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.EventGrid;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>Raises Azure ML's events in the form observed in real workspaces: camelCase data, subjects without a leading slash.</summary>
internal sealed class MachineLearningEvents(EventGridPublisher publisher, Timeline timeline, ArmScope scope, TimeProvider time, IOptions<SimulatorOptions> options)
{
    /// <summary>The prefix of the event types of Azure ML.</summary>
    public const string Prefix = "Microsoft.MachineLearningServices.";

    /// <summary>Raises RunStatusChanged for a job, and RunCompleted if the job has completed.</summary>
    public void RunChanged(JsonObject job)
    {
        var status = job.Text("properties", "status") ?? "";
        timeline.Add("job." + status, job.Text("name") ?? "", Correlation(job.At("properties", "tags")));
        Raise(job, "RunStatusChanged", RunSubject(job), RunData(job, status));
        if (status == "Completed")
        {
            Raise(job, "RunCompleted", RunSubject(job), RunData(job, null));
        }
    }

    /// <summary>Raises ModelRegistered for a model version.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="version">The version.</param>
    /// <param name="correlation">The correlation id that the timeline shows if the version has no correlation tag. It is not part of the event.</param>
    public void ModelRegistered(string name, JsonObject version, string? correlation)
    {
        var number = version.Text("name") ?? "";
        timeline.Add("model.registered", $"{name}:{number}", Correlation(version.At("properties", "tags")) ?? correlation);
        Raise(version, "ModelRegistered", $"models/{name}:{number}", new JsonObject
        {
            ["modelName"] = name,
            ["modelVersion"] = number,
            ["modelTags"] = version.Map("properties", "tags"),
            ["modelProperties"] = version.Map("properties", "properties"),
        });
    }

    /// <summary>Raises ModelDeployed for a deployment that received traffic for the first time.</summary>
    public void ModelDeployed(string endpoint, JsonObject deployment)
    {
        var tags = deployment.Map("tags");
        var properties = deployment.Map("properties", "properties");
        properties["deploymentName"] = deployment.Text("name");
        timeline.Add("model.deployed", $"{endpoint}/{deployment.Text("name")}", Correlation(tags));
        Raise(deployment, "ModelDeployed", $"endpoints/{endpoint}", new JsonObject
        {
            ["serviceName"] = endpoint,
            ["serviceComputeType"] = deployment.Text("properties", "endpointComputeType"),
            ["modelIds"] = ModelReference.OfDeployment(deployment),
            ["serviceTags"] = tags,
            ["serviceProperties"] = properties,
        });
    }

    /// <summary>Raises DatasetDriftDetected for a dataset monitor.</summary>
    /// <returns>The event's id.</returns>
    public string DatasetDrifted(string monitor, JsonObject data)
    {
        timeline.Add("drift.detected", monitor);
        return Raise("DatasetDriftDetected", $"datadrift/{data.Text("dataDriftId")}/run/{data.Text("runId")}", data);
    }

    /// <summary>A GUID derived from a name. Equal names give equal GUIDs.</summary>
    public static Guid StableId(string name) => new(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16));

    /// <summary>The correlation tag in a dictionary of tags, or null.</summary>
    public string? Correlation(JsonNode? tags) => tags.Text(options.Value.CorrelationTag);

    private static string RunSubject(JsonObject job) => $"experiments/{StableId(Experiment(job))}/runs/{job.Text("name")}";

    private static string Experiment(JsonObject job) => job.Text("properties", "experimentName") ?? "Default";

    private static JsonObject RunData(JsonObject job, string? status)
    {
        var data = new JsonObject
        {
            ["experimentId"] = StableId(Experiment(job)).ToString(),
            ["experimentName"] = Experiment(job),
            ["runId"] = job.Text("name"),
            ["runType"] = job.Text("properties", "jobType") == "Pipeline" ? "azureml.PipelineRun" : "azureml.StepRun",
            ["createdBy"] = job.Text("systemData", "createdBy"),
            ["runTags"] = job.Map("properties", "tags"),
            ["runProperties"] = job.Map("properties", "properties"),
        };
        if (status is not null)
        {
            data["runStatus"] = status;
        }

        return data;
    }

    // Only the first workspace has event subscriptions, so events of other workspaces are not raised.
    private void Raise(JsonObject resource, string type, string subject, JsonObject data)
    {
        if (resource.Text("id")?.StartsWith(scope.Workspace + "/", StringComparison.OrdinalIgnoreCase) == true)
        {
            Raise(type, subject, data);
        }
    }

    private string Raise(string type, string subject, JsonObject data)
    {
        var id = Guid.NewGuid().ToString();
        publisher.Publish(new JsonObject
        {
            ["topic"] = scope.Workspace,
            ["subject"] = subject,
            ["eventType"] = Prefix + type,
            ["eventTime"] = time.GetUtcNow().ToAzureTime(),
            ["id"] = id,
            ["data"] = data,
            ["dataVersion"] = "2",
            ["metadataVersion"] = "1",
        });
        return id;
    }
}
