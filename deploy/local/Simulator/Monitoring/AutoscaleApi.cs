using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.Monitoring;

/// <summary>
/// Autoscale settings of online deployments. The simulator checks and stores the settings, but does not scale. As in Azure, the deletion of a deployment does not
/// delete its setting.
/// </summary>
internal static class AutoscaleApi
{
    /// <summary>Maps the routes.</summary>
    public static void MapAutoscale(this IEndpointRouteBuilder routes)
    {
        var settings = routes.MapArm(ArmRoutes.Autoscale, ArmVersions.Autoscale);
        settings.MapGet("", List).WithOperation("AutoscaleSettings_ListByResourceGroup");
        settings.MapGet("/{setting}", Get).WithOperation("AutoscaleSettings_Get");
        settings.MapPut("/{setting}", PutAsync).WithOperation("AutoscaleSettings_CreateOrUpdate");
        settings.MapDelete("/{setting}", Delete).WithOperation("AutoscaleSettings_Delete");
    }

    private static ArmReply List(ArmRequest request, ResourceStore store, ArmScope scope, Paging paging) => paging.Page(request, store.List(scope.AutoscaleSettings));

    private static ArmReply Get(ArmRequest request, ResourceStore store, ArmScope scope) => ArmReply.Ok(ArmRequest.Found(store, Id(request, scope)));

    private static async Task<ArmReply> PutAsync(ArmRequest request, ResourceStore store, ArmScope scope, TimeProvider time)
    {
        var body = await request.BodyAsync();
        AutoscaleRules.Require(body, store);
        var (id, setting) = (Id(request, scope), Create(request, scope, body, time.GetUtcNow()));
        request.ChangedState = true;
        return store.TryAdd(id, setting) ? new(StatusCodes.Status201Created, setting) : ArmReply.Ok(store.Update(id, stored => Replace(stored, setting)) ?? setting);
    }

    private static ArmReply Delete(ArmRequest request, ResourceStore store, ArmScope scope)
    {
        request.ChangedState = store.Remove(Id(request, scope));
        return new(request.ChangedState ? StatusCodes.Status200OK : StatusCodes.Status204NoContent);
    }

    private static JsonObject Create(ArmRequest request, ArmScope scope, JsonObject body, DateTimeOffset now)
    {
        var properties = body.Map("properties");
        properties["enabled"] ??= false;
        properties["name"] = request["setting"];
        return new JsonObject
        {
            ["id"] = Id(request, scope),
            ["name"] = request["setting"],
            ["type"] = "Microsoft.Insights/autoscaleSettings",
            ["location"] = body.Text("location"),
            ["tags"] = body.Map("tags"),
            ["properties"] = properties,
            ["systemData"] = SystemData.Created(now),
        };
    }

    private static void Replace(JsonObject stored, JsonObject setting)
    {
        foreach (var name in (string[])["location", "tags", "properties"])
        {
            stored[name] = setting[name]?.DeepClone();
        }

        stored.GetOrAddObject("properties")["name"] = stored.Text("name");
    }

    private static string Id(ArmRequest request, ArmScope scope) => $"{scope.AutoscaleSettings}/{request["setting"]}";
}
