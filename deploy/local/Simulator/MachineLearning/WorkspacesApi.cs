using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>The workspace.</summary>
internal static class WorkspacesApi
{
    private const string Type = "Microsoft.MachineLearningServices/workspaces";

    /// <summary>Maps the routes.</summary>
    public static void MapWorkspaces(this IEndpointRouteBuilder routes)
    {
        routes.MapArm(ArmRoutes.Workspace, ArmVersions.MachineLearning).MapGet("", Get).WithOperation("Workspaces_Get");
        var lists = routes.MapArm("/subscriptions/{subscription}", ArmVersions.MachineLearning);
        lists.MapGet("/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces", List).WithOperation("Workspaces_ListByResourceGroup");
        lists.MapGet("/providers/Microsoft.MachineLearningServices/workspaces", List).WithOperation("Workspaces_ListBySubscription");
    }

    /// <summary>Adds the workspace to the store.</summary>
    public static void Seed(ResourceStore store, ArmScope scope, TimeProvider time)
    {
        var name = scope.Workspace[(scope.Workspace.LastIndexOf('/') + 1)..];
        store.TryAdd(scope.Workspace, new JsonObject
        {
            ["id"] = scope.Workspace,
            ["name"] = name,
            ["type"] = Type,
            ["location"] = scope.Region,
            ["tags"] = new JsonObject(),
            ["properties"] = new JsonObject
            {
                ["friendlyName"] = name,
                ["workspaceId"] = MachineLearningEvents.StableId(scope.Workspace).ToString(),
                ["provisioningState"] = "Succeeded",
                ["publicNetworkAccess"] = "Enabled",
                ["discoveryUrl"] = $"https://{scope.Region}.api.azureml.ms/discovery",
            },
            ["systemData"] = SystemData.Created(time.GetUtcNow()),
        });
    }

    private static ArmReply Get(ArmScope scope, ArmRequest request, ResourceStore store) => ArmReply.Ok(ArmRequest.Found(store, scope.Workspace));

    private static ArmReply List(ArmScope scope, ArmRequest request, ResourceStore store, Paging paging) =>
        paging.Page(request, store.List(scope.Workspace[..scope.Workspace.LastIndexOf('/')]));
}
