using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>The common parts of online endpoints, batch endpoints and their deployments. All these resources are provisioned by long-running operations.</summary>
internal static class ProvisionedResource
{
    /// <summary>The members that a PUT sets besides <c>properties</c>.</summary>
    private static readonly string[] Tracked = ["tags", "location", "kind", "identity", "sku"];

    private static readonly string[] Merged = ["sku", "identity"];

    /// <summary>A new resource from the body of a PUT.</summary>
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

    /// <summary>Replaces the members that a PUT sets. The properties that <paramref name="preserved"/> names keep their values.</summary>
    public static void Replace(JsonObject resource, JsonObject requested, string state, params string[] preserved)
    {
        var old = resource.Map("properties");
        var properties = requested.Map("properties");
        properties["properties"] ??= new JsonObject();
        foreach (var name in preserved)
        {
            properties.Remove(name);
        }

        properties.CopyFrom(old, preserved);
        properties["provisioningState"] = state;
        resource["properties"] = properties;
        resource.CopyFrom(requested, Tracked);
    }

    /// <summary>Stores the address of the operation's status in the property of the resource from which Azure's scripts read it.</summary>
    public static void SetOperation(JsonObject resource, string statusUri) => resource.GetOrAddObject("properties").GetOrAddObject("properties")["AzureAsyncOperationUri"] = statusUri;

    /// <summary>Sets the provisioning state.</summary>
    public static void Enter(JsonObject resource, string state, DateTimeOffset now)
    {
        resource.GetOrAddObject("properties")["provisioningState"] = state;
        SystemData.Touch(resource, now);
    }

    /// <summary>Whether an earlier operation is still running.</summary>
    public static bool IsBusy(JsonObject resource) => resource.Text("properties", "provisioningState") is "Creating" or "Updating" or "Deleting";

    /// <summary>Rejects a request while an earlier operation is running.</summary>
    /// <exception cref="ArmRefusal">An operation is running.</exception>
    public static void RefuseBusy(JsonObject? resource)
    {
        if (resource is not null && IsBusy(resource))
        {
            throw ArmRefusal.Conflict($"'{resource.Text("name")}' is in state {resource.Text("properties", "provisioningState")}: there is already an operation in progress.", resource.Text("name"));
        }
    }

    /// <summary>Rejects a change of the location. Azure treats <c>West Europe</c> and <c>westeurope</c> as equal.</summary>
    /// <exception cref="ArmRefusal">The resource exists in another location.</exception>
    public static void RefuseMove(JsonObject? resource, JsonObject requested)
    {
        var (current, wanted) = (resource.Text("location"), requested.Text("location"));
        if (current is not null && wanted is not null && !Region(current).Equals(Region(wanted), StringComparison.OrdinalIgnoreCase))
        {
            throw new ArmRefusal(
                StatusCodes.Status409Conflict,
                "InvalidResourceLocation",
                $"The resource '{resource.Text("name")}' already exists in location '{current}'. A resource with the same name cannot be created in location '{wanted}'. Please select a new resource name.",
                "location");
        }
    }

    /// <summary>Rejects a body that lacks the member at a path.</summary>
    /// <exception cref="ArmRefusal">The member is missing.</exception>
    public static void Require(JsonObject body, params string[] path)
    {
        if (body.Text(path) is null)
        {
            throw ArmRefusal.BadContent($"Required property '{path[^1]}' not found in JSON.", string.Join('.', path));
        }
    }

    /// <summary>Applies the members that a PATCH can change. Members of <c>sku</c> and <c>identity</c> that the body does not contain stay unchanged.</summary>
    public static ArmReply Patch(ResourceStore store, string id, JsonObject body, DateTimeOffset now, params string[] members) =>
        ArmReply.Ok(store.Update(id, resource =>
        {
            var merged = body.Copy();
            foreach (var name in Merged.Where(name => body.At(name) is JsonObject))
            {
                merged[name] = Merge(resource.Map(name), body.Map(name));
            }

            resource.CopyFrom(merged, members);
            SystemData.Touch(resource, now);
        }) ?? throw ArmRefusal.NotFound(id));

    private static JsonObject Merge(JsonObject current, JsonObject change)
    {
        current.CopyFrom(change, [.. change.Select(member => member.Key)]);
        return current;
    }

    private static string Region(string location) => location.Replace(" ", "", StringComparison.Ordinal);
}
