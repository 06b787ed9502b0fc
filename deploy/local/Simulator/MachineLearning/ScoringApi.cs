using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.Faults;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>The scoring address of online endpoints. It returns the input and the name of the deployment; the operation name of faults is <c>Score</c>.</summary>
internal static class ScoringApi
{
    /// <summary>The operation name of scoring in faults and counters.</summary>
    public const string Operation = "Score";

    /// <summary>Maps the route.</summary>
    public static void MapScoring(this IEndpointRouteBuilder routes) => routes.MapPost("/score/{endpoint}", ScoreAsync).WithOperation(Operation);

    private static async Task<IResult> ScoreAsync(HttpContext http, string endpoint, ArmRequest request, ResourceStore store, FaultStore faults, FaultResponder responder, CallLog calls)
    {
        var fault = faults.Take(Operation, Fault.HttpKinds);
        var faulted = fault is null ? null : await responder.RespondAsync(fault, http);
        var answer = faulted ?? await AnswerAsync(request, endpoint, store);
        calls.Add(new(Operation, endpoint, (answer as IStatusCodeHttpResult)?.StatusCode ?? 0, false, fault?.Kind));
        return answer;
    }

    private static async Task<ArmReply> AnswerAsync(ArmRequest request, string endpoint, ResourceStore store)
    {
        if (request.Header("Authorization") is null)
        {
            return ArmReply.Error(StatusCodes.Status401Unauthorized, "Unauthorized", "A key or token is required.");
        }

        var id = request.InWorkspace("onlineEndpoints/" + endpoint);
        var name = request.Header("azureml-model-deployment") ?? Traffic.Receivers(store.Get(id).Map("properties", "traffic")).FirstOrDefault();
        if (name is null || store.Get($"{id}/deployments/{name}") is not { } deployment || deployment.Text("properties", "provisioningState") != "Succeeded")
        {
            return ArmReply.Error(StatusCodes.Status404NotFound, "NotFound", $"No deployment of endpoint '{endpoint}' accepts this request.");
        }

        var input = await request.BodyAsync();
        return ArmReply.Ok(new JsonObject { ["deployment"] = name, ["model"] = deployment.Text("properties", "model"), ["input"] = input })
            .With("azureml-model-deployment", name);
    }
}
