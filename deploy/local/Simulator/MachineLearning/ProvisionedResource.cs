using System.Text.Json.Nodes;
using MLEvents.Local.Simulator.Arm;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>What online endpoints and deployments share: tracked resources whose provisioning takes time.</summary>
internal static class ProvisionedResource
{
    /// <summary>The members that a PUT sets besides <c>properties</c>.</summary>
    private static readonly string[] Tracked = ["tags", "location", "kind", "identity", "sku"];

    /// <summary>A new resource as a PUT asks for it.</summary>
    public static JsonObject New(string id, string type, JsonObject requested, DateTimeOffset now)
    {
        var resource = new JsonObject
        {
            ["id"] = id,
            ["name"] = id[(id.LastIndexOf('/') + 1)..],
            ["type"] = "Microsoft.MachineLearningServices/workspaces/" + type,
            ["tags"] = new JsonObject(),
            ["systemData"] = SystemData.Created(now),
        };
        Replace(resource, requested, "Creating");
        return resource;
    }

    /// <summary>Replaces what a PUT replaces; read-only members stay.</summary>
    public static void Replace(JsonObject resource, JsonObject requested, string state, params string[] kept)
    {
        var old = resource.Map("properties");
        var properties = requested.Map("properties");
        properties["properties"] ??= new JsonObject();
        foreach (var name in kept)
        {
            properties.Remove(name);
        }

        properties.TakeFrom(old, kept);
        properties["provisioningState"] = state;
        resource["properties"] = properties;
        resource.TakeFrom(requested, Tracked);
    }

    /// <summary>Writes the status address into the resource, where Azure's own scripts look for it.</summary>
    public static void Point(JsonObject resource, string statusUri) => resource.Need("properties").Need("properties")["AzureAsyncOperationUri"] = statusUri;

    /// <summary>Sets the provisioning state.</summary>
    public static void Enter(JsonObject resource, string state, DateTimeOffset now)
    {
        resource.Need("properties")["provisioningState"] = state;
        SystemData.Touch(resource, now);
    }

    /// <summary>Whether an earlier operation is still under way.</summary>
    public static bool IsBusy(JsonObject resource) => resource.Text("properties", "provisioningState") is "Creating" or "Updating" or "Deleting";

    /// <summary>Refuses a request while an earlier operation is under way.</summary>
    /// <exception cref="ArmRefusal">It is.</exception>
    public static void RefuseBusy(JsonObject? resource)
    {
        if (resource is not null && IsBusy(resource))
        {
            throw ArmRefusal.Conflict($"'{resource.Text("name")}' is in state {resource.Text("properties", "provisioningState")}: there is already an operation in progress.", resource.Text("name"));
        }
    }

    /// <summary>Refuses a body without a member.</summary>
    /// <exception cref="ArmRefusal">The member is missing.</exception>
    public static void Require(JsonObject body, params string[] path)
    {
        if (body.Text(path) is null)
        {
            throw ArmRefusal.BadContent($"Required property '{path[^1]}' not found in JSON.", string.Join('.', path));
        }
    }

    /// <summary>Applies the members a PATCH may change.</summary>
    public static ArmReply Patch(ResourceStore store, string id, JsonObject body, DateTimeOffset now, params string[] members) =>
        ArmReply.Ok(store.Update(id, resource =>
        {
            resource.TakeFrom(body, members);
            SystemData.Touch(resource, now);
        }) ?? throw ArmRefusal.NotFound(id));
}
