using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>
/// Creates the job of an invocation. The job gets what Azure documents: the inputs and the outputs of the invocation and, for a pipeline component, also the experiment of the invocation.
/// The job gets the name, the tags and the properties of the invocation only if <see cref="SimulatorOptions.BatchJobsKeepNames"/> is set.
/// </summary>
internal sealed class BatchInvocation(ResourceStore store, JobRunner jobs, IOptions<SimulatorOptions> options)
{
    /// <summary>Invokes an endpoint.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="deployment">The requested deployment; null for the default deployment.</param>
    /// <param name="body">The invocation.</param>
    /// <returns>The job in the form of the data plane.</returns>
    /// <exception cref="ArmRefusal">The deployment does not exist, or the invocation is not valid for it.</exception>
    public JsonObject Invoke(JsonObject endpoint, string? deployment, JsonObject body)
    {
        var name = deployment ?? endpoint.Text("properties", "defaults", "deploymentName")
            ?? throw ArmRefusal.UserError($"The batch endpoint '{endpoint.Text("name")}' has no default deployment; name a deployment in the header 'azureml-model-deployment'.", "deploymentName");
        var found = store.Get($"{endpoint.Text("id")}/deployments/{name}");
        if (found is null || found.Text("properties", "provisioningState") is not "Succeeded")
        {
            throw new ArmRefusal(StatusCodes.Status404NotFound, "NotFound", $"The deployment '{name}' of the batch endpoint '{endpoint.Text("name")}' was not found.", name);
        }

        var asked = Member(body, "properties") as JsonObject ?? throw ArmRefusal.BadContent("Required property 'properties' not found in JSON.", "properties");
        var properties = Properties(endpoint, found, asked);
        var keeps = options.Value.BatchJobsKeepNames;
        if (keeps)
        {
            properties["tags"] = Copy(asked, "tags");
            properties["properties"] = Copy(asked, "properties");
        }

        var id = (keeps ? Member(asked, "name")?.ToString() : null) ?? Guid.NewGuid().ToString();
        return DataPlane(jobs.Put(id, properties).Job, endpoint);
    }

    /// <summary>A job in the form of the data plane.</summary>
    public static JsonObject DataPlane(JsonObject job, JsonObject endpoint) => new()
    {
        ["id"] = $"{endpoint.Text("id")}/jobs/{job.Text("name")}",
        ["name"] = job.Text("name"),
        ["type"] = "Microsoft.MachineLearningServices/workspaces/batchEndpoints/jobs",
        ["properties"] = new JsonObject
        {
            ["name"] = job.Text("name"),
            ["status"] = job.Text("properties", "status"),
            ["interactionEndpoints"] = job.Map("properties", "services"),
            ["inputData"] = job.Map("properties", "inputs"),
            ["outputData"] = job.Map("properties", "outputs"),
            ["tags"] = job.Map("properties", "tags"),
            ["properties"] = job.Map("properties", "properties"),
        },
        ["systemData"] = job.Map("systemData"),
    };

    private static JsonObject Properties(JsonObject endpoint, JsonObject deployment, JsonObject asked)
    {
        var isPipeline = deployment.Text("properties", "deploymentConfiguration", "deploymentConfigurationType") == "PipelineComponent";
        var (inputs, outputs) = (Values(asked, "InputData"), Values(asked, "OutputData"));
        if (!isPipeline && (inputs.Count != 1 || inputs.Any(input => "Literal".Equals(input.Value.Text("jobInputType"), StringComparison.OrdinalIgnoreCase))))
        {
            throw ArmRefusal.UserError("A model deployment takes exactly one data input and no literals.", "properties.InputData");
        }

        // Only jobs of pipeline components use the experiment of the invocation.
        var experiment = isPipeline ? Member(Member(asked, "properties") as JsonObject, "experimentName")?.ToString() : null;
        return new JsonObject
        {
            ["jobType"] = "Pipeline",
            ["componentId"] = deployment.Text("properties", "deploymentConfiguration", "componentId", "assetId"),
            ["experimentName"] = experiment ?? endpoint.Text("name"),
            ["inputs"] = inputs,
            ["outputs"] = outputs,
        };
    }

    private static JsonObject Values(JsonObject asked, string name)
    {
        var values = new JsonObject();
        foreach (var (key, value) in Member(asked, name) as JsonObject ?? [])
        {
            values[key] = WithArmNames(value as JsonObject ?? [], $"properties.{name}.{key}");
        }

        return values;
    }

    // Unlike in Azure Resource Manager, the names of the members begin with capital letters: JobInputType, Uri, Value.
    private static JsonObject WithArmNames(JsonObject value, string target)
    {
        var members = new JsonObject();
        foreach (var (name, member) in value)
        {
            var armName = name.Length == 0 ? name : char.ToLowerInvariant(name[0]) + name[1..];
            if (members.ContainsKey(armName))
            {
                throw ArmRefusal.BadContent($"The member '{name}' is in the JSON twice, in different letter case.", $"{target}.{name}");
            }

            members[armName] = member?.DeepClone();
        }

        return members;
    }

    private static JsonObject Copy(JsonObject asked, string name) => (Member(asked, name) as JsonObject ?? []).Copy();

    private static JsonNode? Member(JsonObject? json, string name) => json?.FirstOrDefault(member => member.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}
