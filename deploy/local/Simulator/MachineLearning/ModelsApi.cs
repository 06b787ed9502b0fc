using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>Model containers and versions.</summary>
internal static class ModelsApi
{
    /// <summary>Maps the routes.</summary>
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        var models = routes.MapArm(ArmRoutes.Workspace + "/models", ArmVersions.MachineLearning);
        models.MapGet("", ListContainers).WithOperation("ModelContainers_List");
        models.MapGet("/{model}", GetContainer).WithOperation("ModelContainers_Get");
        models.MapPut("/{model}", PutContainerAsync).WithOperation("ModelContainers_CreateOrUpdate");
        models.MapDelete("/{model}", Delete).WithOperation("ModelContainers_Delete");
        models.MapGet("/{model}/versions", ListVersions).WithOperation("ModelVersions_List");
        models.MapGet("/{model}/versions/{version}", GetVersion).WithOperation("ModelVersions_Get");
        models.MapPut("/{model}/versions/{version}", PutVersionAsync).WithOperation("ModelVersions_CreateOrUpdate");
        models.MapDelete("/{model}/versions/{version}", Delete).WithOperation("ModelVersions_Delete");
    }

    private static ArmReply ListContainers(ArmRequest request, ResourceStore store, Paging paging) => paging.Page(request, store.List(request.InWorkspace("models")).InView(request));

    private static ArmReply GetContainer(ArmRequest request, ResourceStore store) => ArmReply.Ok(ArmRequest.Found(store, ContainerId(request)));

    private static async Task<ArmReply> PutContainerAsync(ArmRequest request, ResourceStore store, ModelRegistry registry)
    {
        var body = await request.BodyAsync();
        var known = store.Has(ContainerId(request));
        request.ChangedState = true;
        return new(known ? StatusCodes.Status200OK : StatusCodes.Status201Created, registry.UpdateContainer(ContainerId(request), body.Map("properties")));
    }

    private static ArmReply ListVersions(ArmRequest request, ResourceStore store, Paging paging)
    {
        var container = ContainerId(request);
        ArmRequest.Found(store, container);
        if (request.Query("feed") is { } feed)
        {
            throw ArmRefusal.UserError($"The simulator does not support the query parameter 'feed' (value '{feed}').", "feed");
        }

        return paging.Page(request, store.List(container + "/versions")
            .InOrder(request)
            .InView(request)
            .Where(version => request.Query("version") is not { } name || name == version.Text("name"))
            .Filtered(request, "tags"));
    }

    private static ArmReply GetVersion(ArmRequest request, ResourceStore store) => ArmReply.Ok(ArmRequest.Found(store, VersionId(request)));

    private static async Task<ArmReply> PutVersionAsync(ArmRequest request, ResourceStore store, ModelRegistry registry, TimeProvider time)
    {
        if ((await request.BodyAsync()).At("properties") is not JsonObject properties)
        {
            throw ArmRefusal.BadContent("Required property 'properties' not found in JSON.", "properties");
        }

        BehaviorProperties.Require(properties);
        var (version, created) = registry.Register(request["model"], request["version"], properties, workspace: request.Workspace);
        request.ChangedState = created;
        if (created)
        {
            return new(StatusCodes.Status201Created, version);
        }

        RefuseChange(version, properties, "modelUri", "modelType");
        return ArmReply.Ok(store.Update(VersionId(request), found =>
        {
            found.GetOrAddObject("properties").CopyFrom(properties, "description", "tags", "properties", "isArchived", "stage");
            SystemData.Touch(found, time.GetUtcNow());
        }) ?? version);
    }

    private static ArmReply Delete(ArmRequest request, ResourceStore store)
    {
        var id = request["version"].Length > 0 ? VersionId(request) : ContainerId(request);
        request.ChangedState = store.Remove(id);
        return new(request.ChangedState ? StatusCodes.Status200OK : StatusCodes.Status204NoContent);
    }

    private static void RefuseChange(JsonObject version, JsonObject wanted, params string[] names)
    {
        foreach (var name in names.Where(name => wanted.Text(name) is { } value && value != version.Text("properties", name)))
        {
            throw ArmRefusal.Conflict($"The property '{name}' of a registered model version cannot be changed.", "properties." + name);
        }
    }

    private static string ContainerId(ArmRequest request) => request.InWorkspace("models/" + request["model"]);

    private static string VersionId(ArmRequest request) => $"{ContainerId(request)}/versions/{request["version"]}";
}
