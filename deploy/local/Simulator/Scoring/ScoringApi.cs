using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.Faults;
using MLEvents.Local.Simulator.MachineLearning;
using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.Scoring;

/// <summary>The scoring address of online endpoints.</summary>
internal static class ScoringApi
{
    /// <summary>The operation name of scoring in faults and counters.</summary>
    public const string Operation = "Score";

    /// <summary>The header that names the deployment, in requests to online and batch endpoints and in answers.</summary>
    public const string DeploymentHeader = "azureml-model-deployment";

    /// <summary>Maps the route.</summary>
    public static void MapScoring(this IEndpointRouteBuilder routes) => routes.MapPost("/score/{endpoint}", ScoreAsync).WithOperation(Operation);

    private static async Task<IResult> ScoreAsync(HttpContext http, string endpoint, ArmRequest request, ResourceStore store, ArmScope scope, FaultStore faults, FaultResponder responder, CallLog calls)
    {
        var fault = faults.Take(Operation, Fault.HttpKinds);
        var answer = await responder.AnswerAsync(fault, http, () => AnswerAsync(http.RequestServices, request, scope.FindEndpoint(store, endpoint), store));
        calls.Add(new(Operation, endpoint, (answer as IStatusCodeHttpResult)?.StatusCode ?? 0, false, fault?.Kind));
        return answer;
    }

    private static async Task<IResult> AnswerAsync(IServiceProvider services, ArmRequest request, string? id, ResourceStore store)
    {
        if (id is null || store.Get(id) is not { } endpoint)
        {
            return ArmReply.Error(StatusCodes.Status404NotFound, "NotFound", $"There is no endpoint at '{request.Path}'.");
        }

        if (!EndpointKeys.Accepts(store, endpoint, request.Header("Authorization")))
        {
            return ArmReply.Error(StatusCodes.Status401Unauthorized, "Unauthorized", "A valid key or token of the endpoint is required.");
        }

        var outcome = services.GetRequiredService<ScoringServer>().Serve(id, request.Header(DeploymentHeader));
        if (outcome is null)
        {
            return ArmReply.Error(StatusCodes.Status404NotFound, "NotFound", $"No deployment of the endpoint at '{request.Path}' accepts this request.");
        }

        var input = await request.BodyAsync();
        await services.GetRequiredService<BackgroundWork>().WaitAsync(outcome.Latency, request.Aborted);
        return Reply(outcome, input);
    }

    private static ArmReply Reply(ScoringOutcome outcome, JsonObject input)
    {
        var name = outcome.Deployment.Text("name") ?? "";
        var answer = outcome.Status == StatusCodes.Status200OK
            ? ArmReply.Ok(outcome.Answer ?? new JsonObject { ["deployment"] = name, ["model"] = outcome.Deployment.Text("properties", "model"), ["input"] = input })
            : ArmReply.Error(outcome.Status, "ModelError", "The simulator was asked to let this deployment fail.").With("ms-azureml-model-error-statuscode", "500");
        return answer.With(DeploymentHeader, name);
    }
}
