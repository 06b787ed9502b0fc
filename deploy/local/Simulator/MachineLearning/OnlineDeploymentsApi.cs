using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>Deployments of online endpoints.</summary>
internal static class OnlineDeploymentsApi
{
    /// <summary>Maps the routes.</summary>
    public static void MapOnlineDeployments(this IEndpointRouteBuilder routes)
    {
        var deployments = routes.MapArm(ArmRoutes.Workspace + "/onlineEndpoints/{endpoint}/deployments", ArmVersions.MachineLearning);
        deployments.MapGet("", List).WithOperation("OnlineDeployments_List");
        deployments.MapGet("/{deployment}", Get).WithOperation("OnlineDeployments_Get");
        deployments.MapPut("/{deployment}", PutAsync).WithOperation("OnlineDeployments_CreateOrUpdate");
        deployments.MapPatch("/{deployment}", PatchAsync).WithOperation("OnlineDeployments_Update");
        deployments.MapDelete("/{deployment}", Delete).WithOperation("OnlineDeployments_Delete");
        deployments.MapGet("/{deployment}/skus", ListSkus).WithOperation("OnlineDeployments_ListSkus");
        deployments.MapPost("/{deployment}/getLogs", GetLogs).WithOperation("OnlineDeployments_GetLogs");
    }

    private static ArmReply List(ArmRequest request, ResourceStore store, Paging paging)
    {
        ArmRequest.Found(store, EndpointId(request));
        return paging.Page(request, store.List(EndpointId(request) + "/deployments"));
    }

    private static ArmReply Get(ArmRequest request, ResourceStore store) => ArmReply.Ok(ArmRequest.Found(store, Id(request)));

    private static async Task<ArmReply> PutAsync(ArmRequest request, ResourceStore store, OnlineDeploymentRunner runner, DeploymentQuota quota, LongRunning operations)
    {
        var body = await request.BodyAsync();
        OnlineDeploymentRules.RequireName("deployment", request["deployment"]);
        OnlineDeploymentRules.RequireStartable(body);
        if (!store.Has(EndpointId(request)))
        {
            throw new ArmRefusal(
                StatusCodes.Status404NotFound, "ParentResourceNotFound", $"The online endpoint '{request["endpoint"]}' of deployment '{request["deployment"]}' does not exist.");
        }

        quota.Require(EndpointId(request), request["deployment"], body);
        var (deployment, operation, created) = runner.Put(Id(request), body, request);
        request.ChangedState = true;
        return operations.Accepted(request, created ? StatusCodes.Status201Created : StatusCodes.Status200OK, deployment, operation);
    }

    private static async Task<ArmReply> PatchAsync(ArmRequest request, ResourceStore store, TimeProvider time)
    {
        var answer = ProvisionedResource.Patch(store, Id(request), await request.BodyAsync(), time.GetUtcNow(), "tags", "sku");
        request.ChangedState = true;
        return answer;
    }

    private static ArmReply Delete(ArmRequest request, ResourceStore store, OnlineDeploymentRunner runner, LongRunning operations)
    {
        if (!store.Has(Id(request)))
        {
            return new(StatusCodes.Status204NoContent);
        }

        if (store.Get(EndpointId(request)).At("properties", "traffic").Number(0, request["deployment"]) > 0)
        {
            throw ArmRefusal.Conflict($"Deployment '{request["deployment"]}' receives traffic and cannot be deleted. Set its traffic to 0 first.");
        }

        request.ChangedState = true;
        return operations.Accepted(request, runner.Delete(Id(request)));
    }

    private static ArmReply ListSkus(ArmRequest request, ResourceStore store, Paging paging)
    {
        var deployment = ArmRequest.Found(store, Id(request));
        return paging.Page(request, [new JsonObject
        {
            ["resourceType"] = "Microsoft.MachineLearning.Services/endpoints/deployments",
            ["sku"] = new JsonObject { ["name"] = deployment.Text("sku", "name") ?? "Default", ["tier"] = "Standard" },
            ["capacity"] = new JsonObject { ["minimum"] = 1, ["maximum"] = 20, ["default"] = 1, ["scaleType"] = "Automatic" },
        }]);
    }

    private static async Task<ArmReply> GetLogs(ArmRequest request, ResourceStore store)
    {
        var deployment = ArmRequest.Found(store, Id(request));
        var tail = (await request.BodyAsync()).Number(100, "tail");
        var text = $"Model {deployment.Text("properties", "model")}\nInstance type {deployment.Text("properties", "instanceType")}\nState {deployment.Text("properties", "provisioningState")}";
        return ArmReply.Ok(new JsonObject { ["content"] = string.Join('\n', text.Split('\n').TakeLast(Math.Max(0, tail))) });
    }

    private static string EndpointId(ArmRequest request) => request.InWorkspace("onlineEndpoints/" + request["endpoint"]);

    private static string Id(ArmRequest request) => $"{EndpointId(request)}/deployments/{request["deployment"]}";
}
