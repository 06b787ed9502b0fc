using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.AzureML.Errors;
using MLEvents.Events;
using MLEvents.Ledger.Operators;

namespace MLEvents.Deployer.Operators;

/// <summary>The operators' routes that show the deployments of an endpoint, and that request a roll-back or a roll-out.</summary>
internal static class DeploymentsApi
{
    private const string Unmet = "The request cannot be met.";

    /// <summary>Maps <c>GET /deployments</c>, <c>POST /deployments/rollback</c> and <c>POST /deployments/start</c>. The caller adds the authorization.</summary>
    public static void MapDeployments(this IEndpointRouteBuilder routes)
    {
        var deployments = routes.MapGroup("/deployments");
        deployments.MapGet("", ShowAsync);
        deployments.MapPost("/rollback", RollbackAsync);
        deployments.MapPost("/start", StartAsync);
    }

    // A handler gets its services from the request, not as parameters. The request delegate generator would treat a parameter for a service as a possible JSON body.
    // The route would then refuse other content types.
    private static async Task<Results<Ok<EndpointView>, ProblemHttpResult>> ShowAsync(HttpContext context, string? endpoint, string? workspace, CancellationToken cancellationToken)
    {
        if (endpoint is not { Length: > 0 })
        {
            return TypedResults.Problem("'endpoint' is missing.", statusCode: StatusCodes.Status400BadRequest, title: Unmet);
        }

        try
        {
            var (view, refusal, missing) = await RequestsOf(context).ShowAsync(workspace, endpoint, cancellationToken);
            return view is not null ? TypedResults.Ok(view)
                : TypedResults.Problem(refusal ?? missing, statusCode: refusal is null ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest, title: Unmet);
        }
        catch (AzureException exception)
        {
            return Describe(exception);
        }
    }

    private static Task<Results<Accepted<StartedAction>, ProblemHttpResult>> RollbackAsync(
        HttpContext context, string? endpoint, string? to, string? workspace, string? reason) =>
        AnswerAsync(
            Intervention.FindReasonFault(reason) is { } fault ? Refuse(fault)
            : endpoint is not { Length: > 0 } ? Refuse("'endpoint' is missing.")
            : RequestsOf(context).RollbackAsync(workspace, endpoint, to, Interventions.Read(context, "roll-back", reason, Now(context)), context.RequestAborted));

    private static Task<Results<Accepted<StartedAction>, ProblemHttpResult>> StartAsync(
        HttpContext context, string? rule, string? model, string? workspace, string? reason) =>
        AnswerAsync(
            Intervention.FindReasonFault(reason) is { } fault ? Refuse(fault)
            : rule is not { Length: > 0 } || model is not { Length: > 0 } ? Refuse("'rule' and 'model' are required.")
            : RequestsOf(context).StartAsync(workspace, rule, model, Interventions.Read(context, "roll-out", reason, Now(context)), context.RequestAborted));

    private static OperatorRequests RequestsOf(HttpContext context) => context.RequestServices.GetRequiredService<OperatorRequests>();

    private static DateTimeOffset Now(HttpContext context) => context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();

    private static Task<RequestAnswer> Refuse(string text) => Task.FromResult(new RequestAnswer(null, text));

    private static async Task<Results<Accepted<StartedAction>, ProblemHttpResult>> AnswerAsync(Task<RequestAnswer> request)
    {
        try
        {
            return await request switch
            {
                { Action: { } action } => TypedResults.Accepted($"/actions/{action.Id}", action),
                { Refusal: var refusal } => TypedResults.Problem(refusal, statusCode: StatusCodes.Status400BadRequest, title: Unmet),
            };
        }
        catch (AzureException exception)
        {
            return Describe(exception);
        }
    }

    private static ProblemHttpResult Describe(AzureException exception) => TypedResults.Problem(
        exception.ToText(), statusCode: exception.IsTransient ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status502BadGateway, title: "Azure did not answer as expected.");
}
