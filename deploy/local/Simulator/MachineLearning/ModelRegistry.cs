using System.Globalization;
using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>Registers model versions and raises their events.</summary>
internal sealed class ModelRegistry(ResourceStore store, ArmScope scope, MachineLearningEvents events, Journal journal, TimeProvider time)
{
    private static readonly string[] ModelTypes = ["mlflow_model", "custom_model", "triton_model"];

    /// <summary>Registers a version, by default the next integer. Returns the existing version if the version is already registered.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="version">The version; null for the next integer.</param>
    /// <param name="properties">The properties of the version.</param>
    /// <param name="correlation">The correlation id that the timeline shows if the version has no correlation tag; null if unknown.</param>
    /// <param name="workspace">The workspace; null for the first workspace.</param>
    public (JsonObject Version, bool Created) Register(string name, string? version, JsonObject properties, string? correlation = null, string? workspace = null) => journal.Commit(() =>
    {
        var container = $"{workspace ?? scope.Workspace}/models/{name}";
        var number = version ?? Next(container);
        var id = $"{container}/versions/{number}";
        var resource = CreateVersion(id, number, "Microsoft.MachineLearningServices/workspaces/models/versions", properties, time.GetUtcNow());
        if (!store.TryAdd(id, resource))
        {
            return (ArmRequest.Found(store, id), false);
        }

        UpdateContainer(container);
        events.ModelRegistered(name, resource, correlation);
        return (resource, true);
    });

    /// <summary>Registers the models among a job's outputs: those with a model type and an <c>assetName</c>.</summary>
    public void RegisterOutputs(JsonObject job)
    {
        foreach (var (output, value) in job.Map("properties", "outputs"))
        {
            if (value.Text("assetName") is { } name && value.Text("jobOutputType") is { } type && ModelTypes.Contains(type))
            {
                Register(name, null, FromOutput(job, output, value, type), events.Correlation(job.At("properties", "tags")), job.Text("id")?.Split("/jobs/")[0]);
            }
        }
    }

    /// <summary>Creates the resource of a new version. Members that the request leaves out get their default.</summary>
    public static JsonObject CreateVersion(string id, string version, string type, JsonObject requested, DateTimeOffset now)
    {
        var properties = requested.Copy();
        properties["tags"] ??= new JsonObject();
        properties["properties"] ??= new JsonObject();
        properties["modelType"] ??= "custom_model";
        properties["flavors"] ??= new JsonObject();
        properties["isAnonymous"] ??= false;
        properties["isArchived"] ??= false;
        properties["provisioningState"] = "Succeeded";
        return new JsonObject
        {
            ["id"] = id,
            ["name"] = version,
            ["type"] = type,
            ["properties"] = properties,
            ["systemData"] = SystemData.Created(now),
        };
    }

    /// <summary>Creates the container of a model if needed and updates its latest and next version.</summary>
    public JsonObject? UpdateContainer(string id, JsonObject? given = null) => journal.Commit(() =>
    {
        store.TryAdd(id, new JsonObject
        {
            ["id"] = id,
            ["name"] = id[(id.LastIndexOf('/') + 1)..],
            ["type"] = "Microsoft.MachineLearningServices/workspaces/models",
            ["properties"] = new JsonObject { ["description"] = null, ["tags"] = new JsonObject(), ["properties"] = new JsonObject(), ["isArchived"] = false },
            ["systemData"] = SystemData.Created(time.GetUtcNow()),
        });
        return store.Update(id, container =>
        {
            var properties = container.GetOrAddObject("properties");
            properties.CopyFrom(given, "description", "tags", "properties", "isArchived");
            var latest = store.Last(id + "/versions").Text("name");
            properties["latestVersion"] = latest;
            properties["nextVersion"] = After(properties.Text("nextVersion"), latest);
        });
    });

    // Azure copies no tags from the job to the model version.
    private static JsonObject FromOutput(JsonObject job, string output, JsonNode? value, string type) => new()
    {
        ["modelType"] = type,
        ["modelUri"] = value.Text("uri") ?? $"azureml://jobs/{job.Text("name")}/outputs/{output}",
        ["jobName"] = job.Text("name"),
        ["properties"] = new JsonObject { ["azureml.jobOutput"] = output },
        ["description"] = value.Text("description"),
    };

    // The next number is stored, because a search would be slow if thousands of jobs register versions of one model.
    private string Next(string container) => store.Get(container).Text("properties", "nextVersion") ?? "1";

    private static string After(string? next, string? latest)
    {
        var highest = Math.Max(Number(next) - 1, Number(latest));
        return (highest + 1).ToString(CultureInfo.InvariantCulture);
    }

    // The greatest number has no next number. It is therefore treated like a version that is not a number.
    private static long Number(string? version) =>
        long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < long.MaxValue ? number : 0;
}
