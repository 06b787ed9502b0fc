using System.Text.Json.Nodes;
using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Control;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>The scoring address of online endpoints: echoes the input, says which deployment answered, and takes faults as operation <c>Score</c>.</summary>
internal static class ScoringApi
{
    /// <summary>The name that faults and counters know scoring by.</summary>
    public const string Operation = "Score";

    /// <summary>Maps the route.</summary>
    public static void MapScoring(this IEndpointRouteBuilder routes) => routes.MapPost("/score/{endpoint}", ScoreAsync).Is(Operation);

    private static async Task<IResult> ScoreAsync(HttpContext http, string endpoint, ArmRequest request, ResourceStore store, FaultStore faults, FaultResponder player, CallLog calls)
    {
        var fault = faults.Take(Operation, Fault.HttpKinds);
        var played = fault is null ? null : await player.PlayAsync(fault, http);
        var answer = played ?? await AnswerAsync(request, endpoint, store);
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
            return ArmReply.Error(StatusCodes.Status404NotFound, "NotFound", $"No deployment of endpoint '{endpoint}' takes this request.");
        }

        var input = await request.BodyAsync();
        return ArmReply.Ok(new JsonObject { ["deployment"] = name, ["model"] = deployment.Text("properties", "model"), ["input"] = input })
            .With("azureml-model-deployment", name);
    }
}
