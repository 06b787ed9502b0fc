using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>Online endpoints. As in Azure, only PUT can change the traffic. PATCH can change the tags and the identity.</summary>
internal static class OnlineEndpointsApi
{
    /// <summary>Maps the routes.</summary>
    public static void MapOnlineEndpoints(this IEndpointRouteBuilder routes)
    {
        var endpoints = routes.MapArm(ArmRoutes.Workspace + "/onlineEndpoints", ArmVersions.MachineLearning);
        endpoints.MapGet("", List).WithOperation("OnlineEndpoints_List");
        endpoints.MapGet("/{endpoint}", Get).WithOperation("OnlineEndpoints_Get");
        endpoints.MapPut("/{endpoint}", PutAsync).WithOperation("OnlineEndpoints_CreateOrUpdate");
        endpoints.MapPatch("/{endpoint}", PatchAsync).WithOperation("OnlineEndpoints_Update");
        endpoints.MapDelete("/{endpoint}", Delete).WithOperation("OnlineEndpoints_Delete");
        endpoints.MapPost("/{endpoint}/listKeys", ListKeys).WithOperation("OnlineEndpoints_ListKeys");
        endpoints.MapPost("/{endpoint}/regenerateKeys", RegenerateKeysAsync).WithOperation("OnlineEndpoints_RegenerateKeys");
        endpoints.MapPost("/{endpoint}/token", Token).WithOperation("OnlineEndpoints_GetToken");
    }

    private static ArmReply List(ArmRequest request, ResourceStore store, Paging paging) => paging.Page(request, store
        .List(request.InWorkspace("onlineEndpoints"))
        .Where(endpoint => request.Query("name") is not { } name || name == endpoint.Text("name"))
        .Where(endpoint => TagQuery.Matches(endpoint.At("tags"), request.Query("tags"))));

    private static ArmReply Get(ArmRequest request, ResourceStore store) => ArmReply.Ok(ArmRequest.Found(store, Id(request)));

    private static async Task<ArmReply> PutAsync(ArmRequest request, ResourceStore store, ArmScope scope, OnlineEndpointRunner runner, LongRunning operations)
    {
        OnlineDeploymentRules.RequireName("endpoint", request["endpoint"]);
        if (scope.FindEndpoint(store, request["endpoint"]) is { } taken && !taken.Equals(Id(request), StringComparison.OrdinalIgnoreCase))
        {
            throw ArmRefusal.UserError($"The endpoint name '{request["endpoint"]}' is already used in region {scope.Region}, by '{taken}'.", "name");
        }

        var body = await request.BodyAsync();
        ProvisionedResource.Require(body, "location");
        ProvisionedResource.Require(body, "properties", "authMode");
        var (endpoint, operation, created) = runner.Put(Id(request), body, request);
        request.ChangedState = true;
        return operations.Accepted(request, created ? StatusCodes.Status201Created : StatusCodes.Status200OK, endpoint, operation);
    }

    private static async Task<ArmReply> PatchAsync(ArmRequest request, ResourceStore store, TimeProvider time)
    {
        var answer = ProvisionedResource.Patch(store, Id(request), await request.BodyAsync(), time.GetUtcNow(), "tags", "identity");
        request.ChangedState = true;
        return answer;
    }

    private static ArmReply Delete(ArmRequest request, ResourceStore store, OnlineEndpointRunner runner, LongRunning operations)
    {
        if (!store.Has(Id(request)))
        {
            return new(StatusCodes.Status204NoContent);
        }

        request.ChangedState = true;
        return operations.Accepted(request, runner.Delete(Id(request)));
    }

    private static ArmReply ListKeys(ArmRequest request, ResourceStore store)
    {
        var id = ArmRequest.Found(store, Id(request)).Text("id") ?? "";
        return ArmReply.Ok(EndpointKeys.Read(store, id));
    }

    private static async Task<ArmReply> RegenerateKeysAsync(ArmRequest request, ResourceStore store, LongRunning operations)
    {
        var id = ArmRequest.Found(store, Id(request)).Text("id") ?? "";
        EndpointKeys.Regenerate(store, id, await request.BodyAsync());
        request.ChangedState = true;
        var operation = operations.Begin("onlineEndpoint");
        operations.End(operation.Id);
        return operations.Accepted(request, operation);
    }

    private static ArmReply Token(ArmRequest request, ResourceStore store, TimeProvider time)
    {
        var id = ArmRequest.Found(store, Id(request)).Text("id") ?? "";
        return ArmReply.Ok(new JsonObject
        {
            ["accessToken"] = EndpointKeys.Token(id),
            ["tokenType"] = "Bearer",
            ["expiryTimeUtc"] = time.GetUtcNow().AddHours(8).ToUnixTimeSeconds(),
            ["refreshAfterTimeUtc"] = time.GetUtcNow().AddHours(4).ToUnixTimeSeconds(),
        });
    }

    private static string Id(ArmRequest request) => request.InWorkspace("onlineEndpoints/" + request["endpoint"]);
}
