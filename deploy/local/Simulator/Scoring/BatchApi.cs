using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.Faults;
using MLEvents.Local.Simulator.MachineLearning;

namespace MLEvents.Local.Simulator.Scoring;

/// <summary>The scoring address of batch endpoints. Faults affect only invocations, not reads of a job.</summary>
internal static class BatchApi
{
    /// <summary>The operation name of an invocation in faults and counters.</summary>
    public const string Operation = "BatchEndpoints_Invoke";

    /// <summary>Maps the routes.</summary>
    public static void MapBatch(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/batch/{endpoint}/jobs", InvokeAsync).WithOperation(Operation);
        routes.MapGet("/batch/{endpoint}/jobs/{job}", Get).WithOperation("BatchJobEndpoint_Get");
    }

    private static async Task<IResult> InvokeAsync(
        HttpContext http, string endpoint, ArmRequest request, BatchInvocation invocation, ResourceStore store, FaultStore faults, FaultResponder responder, CallLog calls)
    {
        var fault = faults.Take(Operation, Fault.HttpKinds);
        var answer = await responder.AnswerAsync(fault, http, () => AnswerAsync(endpoint, request, invocation, store));
        calls.Add(new(Operation, endpoint, (answer as IStatusCodeHttpResult)?.StatusCode ?? 0, request.ChangedState, fault?.Kind));
        return answer;
    }

    private static async Task<IResult> AnswerAsync(string endpoint, ArmRequest request, BatchInvocation invocation, ResourceStore store)
    {
        try
        {
            if (Refusal(endpoint, request, store) is { } refusal)
            {
                return refusal;
            }

            var job = invocation.Invoke(ArmRequest.Found(store, Id(endpoint, request)), request.Header(ScoringApi.DeploymentHeader), await request.BodyAsync());
            request.ChangedState = true;
            return new ArmReply(StatusCodes.Status201Created, job);
        }
        catch (ArmRefusal refusal)
        {
            return refusal.Answer;
        }
    }

    private static ArmReply Get(string endpoint, string job, ArmRequest request, ResourceStore store) =>
        Refusal(endpoint, request, store) ?? (store.Get(request.InWorkspace("jobs/" + job)) is { } found
            ? ArmReply.Ok(BatchInvocation.DataPlane(found, store.Get(Id(endpoint, request)) ?? []))
            : ArmRefusal.NotFound(request.Path).Answer);

    private static ArmReply? Refusal(string endpoint, ArmRequest request, ResourceStore store)
    {
        if (!request.HasToken)
        {
            return ArmReply.Error(StatusCodes.Status401Unauthorized, "Unauthorized", "A token of Microsoft Entra ID for https://ml.azure.com is required.");
        }

        return store.Has(Id(endpoint, request)) ? null : ArmReply.Error(StatusCodes.Status404NotFound, "NotFound", $"There is no batch endpoint at '{request.Path}'.");
    }

    private static string Id(string endpoint, ArmRequest request) => request.InWorkspace("batchEndpoints/" + endpoint);
}
