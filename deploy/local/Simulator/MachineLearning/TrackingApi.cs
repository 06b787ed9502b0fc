using System.Globalization;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.Faults;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>The MLflow tracking server of a workspace. It returns the metrics of runs. The tags and properties <c>simulator.runMetrics.NAME</c> of a job set the metrics of its run.</summary>
internal static class TrackingApi
{
    /// <summary>The operation name in faults and counters.</summary>
    public const string Operation = "MlflowRuns_Get";

    private const string Prefix = "simulator.runMetrics.";

    /// <summary>Maps the route.</summary>
    public static void MapTracking(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/mlflow/v1.0" + ArmRoutes.Workspace + "/api/2.0/mlflow/runs/get", GetAsync).WithOperation(Operation);

    /// <summary>The address that the property <c>mlFlowTrackingUri</c> of a workspace contains.</summary>
    public static string Address(ArmRequest request, string workspace) => $"azureml://{request.BaseAddress.Split("://")[^1]}/mlflow/v1.0{workspace}";

    private static async Task<IResult> GetAsync(HttpContext http, ArmRequest request, ResourceStore store, FaultStore faults, FaultResponder responder, CallLog calls)
    {
        var fault = faults.Take(Operation, Fault.HttpKinds);
        var answer = await responder.AnswerAsync(fault, http, () => Task.FromResult(Answer(request, store)));
        calls.Add(new(Operation, request.Path, (answer as IStatusCodeHttpResult)?.StatusCode ?? 0, false, fault?.Kind));
        return answer;
    }

    private static IResult Answer(ArmRequest request, ResourceStore store)
    {
        if (!request.HasToken)
        {
            return Error(StatusCodes.Status401Unauthorized, "UNAUTHENTICATED", "A token of Microsoft Entra ID is required.");
        }

        return request.Query("run_id") is { } run && store.Get(request.InWorkspace("jobs/" + run)) is { } job
            ? ArmReply.Ok(Run(run, job))
            : Error(StatusCodes.Status404NotFound, "RESOURCE_DOES_NOT_EXIST", $"Run '{request.Query("run_id")}' not found.");
    }

    private static JsonObject Run(string run, JsonObject job) => new()
    {
        ["run"] = new JsonObject
        {
            ["info"] = new JsonObject { ["run_id"] = run, ["run_uuid"] = run, ["status"] = Status(job), ["lifecycle_stage"] = "active" },
            ["data"] = new JsonObject { ["metrics"] = new JsonArray([.. Metrics(job.Map("properties", "properties")), .. Metrics(job.Map("properties", "tags"))]), ["params"] = new JsonArray(), ["tags"] = new JsonArray() },
        },
    };

    private static string Status(JsonObject job) => job.Text("properties", "status") switch
    {
        "Completed" => "FINISHED",
        "Failed" => "FAILED",
        "Canceled" => "KILLED",
        _ => "RUNNING",
    };

    private static IEnumerable<JsonNode> Metrics(JsonObject values) => values
        .Where(entry => entry.Key.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(entry => new JsonObject
        {
            ["key"] = entry.Key[Prefix.Length..],
            ["value"] = double.TryParse($"{entry.Value}", CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : "NaN",
            ["timestamp"] = 0,
            ["step"] = 0,
        });

    private static JsonHttpResult<JsonObject> Error(int status, string code, string message) =>
        TypedResults.Json(new JsonObject { ["error_code"] = code, ["message"] = message }, SimulatorJson.Default.JsonObject, statusCode: status);
}
