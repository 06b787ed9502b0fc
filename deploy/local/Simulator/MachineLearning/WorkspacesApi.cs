using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>The workspaces.</summary>
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

    /// <summary>Adds the workspaces to the store.</summary>
    public static void Seed(ResourceStore store, ArmScope scope, TimeProvider time)
    {
        foreach (var workspace in scope.Workspaces)
        {
            Seed(store, scope, workspace, time);
        }
    }

    private static void Seed(ResourceStore store, ArmScope scope, string workspace, TimeProvider time)
    {
        var name = workspace[(workspace.LastIndexOf('/') + 1)..];
        store.TryAdd(workspace, new JsonObject
        {
            ["id"] = workspace,
            ["name"] = name,
            ["type"] = Type,
            ["location"] = scope.Region,
            ["tags"] = new JsonObject(),
            ["properties"] = new JsonObject
            {
                ["friendlyName"] = name,
                ["workspaceId"] = MachineLearningEvents.StableId(workspace).ToString(),
                ["provisioningState"] = "Succeeded",
                ["publicNetworkAccess"] = "Enabled",
                ["discoveryUrl"] = $"https://{scope.Region}.api.azureml.ms/discovery",
            },
            ["systemData"] = SystemData.Created(time.GetUtcNow()),
        });
    }

    private static ArmReply Get(ArmRequest request, ResourceStore store) => ArmReply.Ok(WithAddress(ArmRequest.Found(store, request.Workspace), request));

    private static ArmReply List(ArmScope scope, ArmRequest request, ResourceStore store, Paging paging) =>
        paging.Page(request, store.List(scope.Workspace[..scope.Workspace.LastIndexOf('/')]).Select(workspace => WithAddress(workspace, request)));

    private static JsonObject WithAddress(JsonObject workspace, ArmRequest request)
    {
        workspace.GetOrAddObject("properties")["mlFlowTrackingUri"] = TrackingApi.Address(request, workspace.Text("id") ?? "");
        return workspace;
    }
}
