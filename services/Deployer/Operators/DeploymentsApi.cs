using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.AzureML.Errors;
using MLEvents.Events;
using MLEvents.Ledger.Operators;

namespace MLEvents.Deployer.Operators;

/// <summary>The routes with which operators request a roll-back or a roll-out.</summary>
internal static class DeploymentsApi
{
    /// <summary>Maps <c>POST /deployments/rollback</c> and <c>POST /deployments/start</c>. The caller controls access to them.</summary>
    public static void MapDeployments(this IEndpointRouteBuilder routes)
    {
        var deployments = routes.MapGroup("/deployments");
        deployments.MapPost("/rollback", RollbackAsync);
        deployments.MapPost("/start", StartAsync);
    }

    private static Task<Results<Accepted<StartedAction>, ProblemHttpResult>> RollbackAsync(
        HttpContext context, OperatorRequests requests, TimeProvider time, string? endpoint, string? to, string? workspace, string? reason) =>
        AnswerAsync(
            Intervention.FindReasonFault(reason) is { } fault ? Refuse(fault)
            : endpoint is not { Length: > 0 } ? Refuse("'endpoint' is missing.")
            : requests.RollbackAsync(workspace, endpoint, to, Interventions.Read(context, "roll-back", reason, time.GetUtcNow()), context.RequestAborted));

    private static Task<Results<Accepted<StartedAction>, ProblemHttpResult>> StartAsync(
        HttpContext context, OperatorRequests requests, TimeProvider time, string? rule, string? model, string? workspace, string? reason) =>
        AnswerAsync(
            Intervention.FindReasonFault(reason) is { } fault ? Refuse(fault)
            : rule is not { Length: > 0 } || model is not { Length: > 0 } ? Refuse("'rule' and 'model' are required.")
            : requests.StartAsync(workspace, rule, model, Interventions.Read(context, "roll-out", reason, time.GetUtcNow()), context.RequestAborted));

    private static Task<RequestAnswer> Refuse(string text) => Task.FromResult(new RequestAnswer(null, text));

    private static async Task<Results<Accepted<StartedAction>, ProblemHttpResult>> AnswerAsync(Task<RequestAnswer> request)
    {
        try
        {
            return await request switch
            {
                { Action: { } action } => TypedResults.Accepted($"/actions/{action.Id}", action),
                { Refusal: var refusal } => TypedResults.Problem(refusal, statusCode: StatusCodes.Status400BadRequest, title: "The request cannot be met."),
            };
        }
        catch (AzureException exception)
        {
            var status = exception.IsTransient ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status502BadGateway;
            return TypedResults.Problem(exception.ToText(), statusCode: status, title: "Azure did not answer as expected.");
        }
    }
}
