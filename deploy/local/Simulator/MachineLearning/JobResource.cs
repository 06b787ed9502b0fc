using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>The ARM resource of a job: the defaults of its members, and the members that a later PUT can change.</summary>
internal sealed class JobResource(ArmScope scope, TimeProvider time)
{
    private static readonly string[] Updatable = ["tags", "description", "displayName", "isArchived"];
    private static readonly string[] ReadOnly = ["status", "services"];
    private static readonly string[] Stamped = ["StartTimeUtc", "EndTimeUtc"];

    /// <summary>A new job from the properties of a PUT.</summary>
    /// <exception cref="ArmRefusal">An input or output is invalid.</exception>
    public JsonObject Create(string id, string name, JsonObject requested)
    {
        var properties = requested.Copy();
        properties["status"] = "NotStarted";
        properties["displayName"] ??= name;
        properties["experimentName"] ??= "Default";
        properties["tags"] ??= new JsonObject();
        properties["properties"] ??= new JsonObject();
        properties["isArchived"] ??= false;
        if (properties.Text("jobType") == "Command")
        {
            properties["parameters"] = new JsonObject();
        }

        JobAssets.Complete(name, properties);
        var workspace = id[..id.LastIndexOf("/jobs/", StringComparison.OrdinalIgnoreCase)];
        properties["services"] = new JsonObject
        {
            ["Tracking"] = Service("Tracking", $"azureml://{scope.Region}.api.azureml.ms/mlflow/v1.0{workspace}?"),
            ["Studio"] = Service("Studio", scope.StudioPage(workspace, name)),
        };
        return new JsonObject
        {
            ["id"] = id,
            ["name"] = name,
            ["type"] = "Microsoft.MachineLearningServices/workspaces/jobs",
            ["properties"] = properties,
            ["systemData"] = SystemData.Created(time.GetUtcNow()),
        };
    }

    /// <summary>Whether two jobs have the same content. Members that a PUT can update, read-only members, and the start and end times are not compared.</summary>
    public static bool HasSameContent(JsonObject stored, JsonObject requested) => JsonNode.DeepEquals(Content(stored), Content(requested));

    /// <summary>Whether a PUT with these properties changes an updatable member.</summary>
    public static bool Changes(JsonObject stored, JsonObject requested) =>
        Updatable.Any(name => requested.ContainsKey(name) && !JsonNode.DeepEquals(requested[name], stored.At("properties", name)));

    /// <summary>Applies the updatable members that a PUT contains.</summary>
    public void Update(JsonObject job, JsonObject requested)
    {
        job.GetOrAddObject("properties").CopyFrom(requested, Updatable);
        SystemData.Touch(job, time.GetUtcNow());
    }

    private static JsonObject Content(JsonObject job)
    {
        var content = job.Map("properties").Normalized();
        foreach (var name in (string[])[.. Updatable, .. ReadOnly])
        {
            content.Remove(name);
        }

        foreach (var name in Stamped)
        {
            (content["properties"] as JsonObject)?.Remove(name);
        }

        return content;
    }

    private static JsonObject Service(string type, string endpoint) =>
        new() { ["jobServiceType"] = type, ["port"] = null, ["endpoint"] = endpoint, ["status"] = null, ["errorMessage"] = null, ["properties"] = null };
}
