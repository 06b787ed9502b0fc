using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>Deployments of batch endpoints. Each deployment is of a pipeline component or of a model.</summary>
internal static class BatchDeploymentsApi
{
    /// <summary>Maps the routes.</summary>
    public static void MapBatchDeployments(this IEndpointRouteBuilder routes)
    {
        var deployments = routes.MapArm(ArmRoutes.Workspace + "/batchEndpoints/{endpoint}/deployments", ArmVersions.MachineLearning);
        deployments.MapGet("", List).WithOperation("BatchDeployments_List");
        deployments.MapGet("/{deployment}", Get).WithOperation("BatchDeployments_Get");
        deployments.MapPut("/{deployment}", PutAsync).WithOperation("BatchDeployments_CreateOrUpdate");
        deployments.MapPatch("/{deployment}", PatchAsync).WithOperation("BatchDeployments_Update");
        deployments.MapDelete("/{deployment}", Delete).WithOperation("BatchDeployments_Delete");
    }

    private static ArmReply List(ArmRequest request, ResourceStore store, Paging paging)
    {
        ArmRequest.Found(store, EndpointId(request));
        return paging.Page(request, store.List(EndpointId(request) + "/deployments"));
    }

    private static ArmReply Get(ArmRequest request, ResourceStore store) => ArmReply.Ok(ArmRequest.Found(store, Id(request)));

    private static async Task<ArmReply> PutAsync(ArmRequest request, ResourceStore store, BatchRunner runner, LongRunning operations)
    {
        var body = await request.BodyAsync();
        OnlineDeploymentRules.RequireName("deployment", request["deployment"]);
        ProvisionedResource.Require(body, "location");
        if (body.At("properties", "deploymentConfiguration") is null && body.At("properties", "model") is null)
        {
            throw ArmRefusal.UserError("A batch deployment needs a model or a pipeline component.", "properties.model");
        }

        if (!store.Has(EndpointId(request)))
        {
            throw new ArmRefusal(
                StatusCodes.Status404NotFound, "ParentResourceNotFound", $"The batch endpoint '{request["endpoint"]}' of deployment '{request["deployment"]}' does not exist.");
        }

        var (deployment, operation, created) = runner.Put(Id(request), "batchEndpoints/deployments", body, request);
        request.ChangedState = true;
        return operations.Accepted(request, created ? StatusCodes.Status201Created : StatusCodes.Status200OK, deployment, operation);
    }

    private static async Task<ArmReply> PatchAsync(ArmRequest request, ResourceStore store, TimeProvider time)
    {
        var answer = ProvisionedResource.Patch(store, Id(request), await request.BodyAsync(), time.GetUtcNow(), "tags");
        request.ChangedState = true;
        return answer;
    }

    private static ArmReply Delete(ArmRequest request, ResourceStore store, BatchRunner runner, LongRunning operations)
    {
        if (!store.Has(Id(request)))
        {
            return new(StatusCodes.Status204NoContent);
        }

        request.ChangedState = true;
        return operations.Accepted(request, runner.Delete(Id(request)));
    }

    private static string EndpointId(ArmRequest request) => request.InWorkspace("batchEndpoints/" + request["endpoint"]);

    private static string Id(ArmRequest request) => $"{EndpointId(request)}/deployments/{request["deployment"]}";
}
