using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>
/// Model containers and versions of registries. The simulator accepts every registry name. Event Grid has no events of registries, so the simulator raises none.
/// </summary>
internal static class RegistryModelsApi
{
    private const string ContainerType = "Microsoft.MachineLearningServices/registries/models";

    /// <summary>Maps the routes.</summary>
    public static void MapRegistryModels(this IEndpointRouteBuilder routes)
    {
        var models = routes.MapArm(ArmRoutes.Registry + "/models", ArmVersions.MachineLearning);
        models.MapGet("", ListContainers).WithOperation("RegistryModelContainers_List");
        models.MapGet("/{model}", GetContainer).WithOperation("RegistryModelContainers_Get");
        models.MapGet("/{model}/versions", ListVersions).WithOperation("RegistryModelVersions_List");
        models.MapGet("/{model}/versions/{version}", GetVersion).WithOperation("RegistryModelVersions_Get");
        models.MapPut("/{model}/versions/{version}", PutVersionAsync).WithOperation("RegistryModelVersions_CreateOrUpdate");
        models.MapDelete("/{model}/versions/{version}", DeleteVersion).WithOperation("RegistryModelVersions_Delete");
    }

    private static ArmReply ListContainers(ArmRequest request, ResourceStore store, ArmScope scope, Paging paging) =>
        paging.Page(request, store.List($"{scope.Registry(request["registry"])}/models").InView(request));

    private static ArmReply GetContainer(ArmRequest request, ResourceStore store, ArmScope scope) => ArmReply.Ok(ArmRequest.Found(store, ContainerId(request, scope)));

    private static ArmReply ListVersions(ArmRequest request, ResourceStore store, ArmScope scope, Paging paging)
    {
        var container = ContainerId(request, scope);
        ArmRequest.Found(store, container);
        return paging.Page(request, store.List(container + "/versions").InOrder(request).InView(request).Filtered(request, "tags"));
    }

    private static ArmReply GetVersion(ArmRequest request, ResourceStore store, ArmScope scope) => ArmReply.Ok(ArmRequest.Found(store, VersionId(request, scope)));

    private static async Task<ArmReply> PutVersionAsync(ArmRequest request, ResourceStore store, ArmScope scope, Journal journal, TimeProvider time)
    {
        if ((await request.BodyAsync()).At("properties") is not JsonObject properties)
        {
            throw ArmRefusal.BadContent("Required property 'properties' not found in JSON.", "properties");
        }

        BehaviorProperties.Require(properties);
        var version = ModelRegistry.CreateVersion(VersionId(request, scope), request["version"], ContainerType + "/versions", properties, time.GetUtcNow());
        request.ChangedState = journal.Commit(() =>
        {
            AddContainer(request, store, scope, time.GetUtcNow());
            var isNew = store.TryAdd(VersionId(request, scope), version);
            store.Update(ContainerId(request, scope), container => container.GetOrAddObject("properties")["latestVersion"] = store.Last(ContainerId(request, scope) + "/versions").Text("name"));
            return isNew;
        });
        return request.ChangedState ? new(StatusCodes.Status201Created, version) : ArmReply.Ok(ArmRequest.Found(store, VersionId(request, scope)));
    }

    private static ArmReply DeleteVersion(ArmRequest request, ResourceStore store, ArmScope scope)
    {
        request.ChangedState = store.Remove(VersionId(request, scope));
        return new(request.ChangedState ? StatusCodes.Status200OK : StatusCodes.Status204NoContent);
    }

    private static void AddContainer(ArmRequest request, ResourceStore store, ArmScope scope, DateTimeOffset now) => store.TryAdd(ContainerId(request, scope), new JsonObject
    {
        ["id"] = ContainerId(request, scope),
        ["name"] = request["model"],
        ["type"] = ContainerType,
        ["properties"] = new JsonObject { ["description"] = null, ["tags"] = new JsonObject(), ["properties"] = new JsonObject(), ["isArchived"] = false },
        ["systemData"] = SystemData.Created(now),
    });

    private static string ContainerId(ArmRequest request, ArmScope scope) => $"{scope.Registry(request["registry"])}/models/{request["model"]}";

    private static string VersionId(ArmRequest request, ArmScope scope) => $"{ContainerId(request, scope)}/versions/{request["version"]}";
}
