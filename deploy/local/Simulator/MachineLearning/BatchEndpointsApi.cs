using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>Batch endpoints. They have no keys: callers authenticate with Microsoft Entra ID.</summary>
internal static class BatchEndpointsApi
{
    private const string DefaultDeployment = "default";

    /// <summary>Maps the routes.</summary>
    public static void MapBatchEndpoints(this IEndpointRouteBuilder routes)
    {
        var endpoints = routes.MapArm(ArmRoutes.Workspace + "/batchEndpoints", ArmVersions.MachineLearning);
        endpoints.MapGet("", List).WithOperation("BatchEndpoints_List");
        endpoints.MapGet("/{endpoint}", Get).WithOperation("BatchEndpoints_Get");
        endpoints.MapPut("/{endpoint}", PutAsync).WithOperation("BatchEndpoints_CreateOrUpdate");
        endpoints.MapPatch("/{endpoint}", PatchAsync).WithOperation("BatchEndpoints_Update");
        endpoints.MapDelete("/{endpoint}", Delete).WithOperation("BatchEndpoints_Delete");
    }

    /// <summary>Adds the batch endpoints of the settings to the store, each with a deployment of a pipeline component.</summary>
    public static void Seed(ResourceStore store, ArmScope scope, SimulatorOptions options, TimeProvider time)
    {
        foreach (var name in options.BatchEndpoints.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var (id, now) = ($"{scope.Workspace}/batchEndpoints/{name}", time.GetUtcNow());
            Add(id, "batchEndpoints", new JsonObject { ["authMode"] = "AADToken", ["defaults"] = new JsonObject { ["deploymentName"] = DefaultDeployment } });
            Add($"{id}/deployments/{DefaultDeployment}", "batchEndpoints/deployments", new JsonObject
            {
                ["deploymentConfiguration"] = new JsonObject
                {
                    ["deploymentConfigurationType"] = "PipelineComponent",
                    ["componentId"] = new JsonObject { ["referenceType"] = "Id", ["assetId"] = $"{scope.Workspace}/components/{name}/versions/1" },
                },
            });

            void Add(string resourceId, string type, JsonObject properties)
            {
                var resource = ProvisionedResource.New(resourceId, type, new JsonObject { ["location"] = scope.Region, ["properties"] = properties }, now);
                ProvisionedResource.Enter(resource, "Succeeded", now);
                store.TryAdd(resourceId, resource);
            }
        }
    }

    private static ArmReply List(ArmRequest request, ResourceStore store, Paging paging) =>
        paging.Page(request, store.List(request.InWorkspace("batchEndpoints")).Select(endpoint => WithAddress(endpoint, request)));

    private static ArmReply Get(ArmRequest request, ResourceStore store) => ArmReply.Ok(WithAddress(ArmRequest.Found(store, Id(request)), request));

    private static async Task<ArmReply> PutAsync(ArmRequest request, BatchRunner runner, LongRunning operations)
    {
        OnlineDeploymentRules.RequireName("endpoint", request["endpoint"]);
        var body = await request.BodyAsync();
        ProvisionedResource.Require(body, "location");
        if (!"AADToken".Equals(body.Text("properties", "authMode"), StringComparison.OrdinalIgnoreCase))
        {
            throw ArmRefusal.UserError($"'authMode' is '{body.Text("properties", "authMode")}'; batch endpoints support AADToken only.", "properties.authMode");
        }

        var (endpoint, operation, created) = runner.Put(Id(request), "batchEndpoints", body, request);
        request.ChangedState = true;
        return operations.Accepted(request, created ? StatusCodes.Status201Created : StatusCodes.Status200OK, WithAddress(endpoint, request), operation);
    }

    private static async Task<ArmReply> PatchAsync(ArmRequest request, ResourceStore store, TimeProvider time)
    {
        var answer = ProvisionedResource.Patch(store, Id(request), await request.BodyAsync(), time.GetUtcNow(), "tags", "identity");
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

    // The address is not stored, because a restarted simulator may listen on another address.
    private static JsonObject WithAddress(JsonObject endpoint, ArmRequest request)
    {
        if (!ProvisionedResource.IsBusy(endpoint))
        {
            var properties = endpoint.GetOrAddObject("properties");
            properties["scoringUri"] = $"{request.BaseAddress}/batch/{endpoint.Text("name")}/jobs";
            properties["swaggerUri"] = $"{request.BaseAddress}/batch/{endpoint.Text("name")}/swagger.json";
        }

        return endpoint;
    }

    private static string Id(ArmRequest request) => request.InWorkspace("batchEndpoints/" + request["endpoint"]);
}
