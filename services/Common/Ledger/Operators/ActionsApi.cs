using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

using MLEvents.Events;
using MLEvents.Ledger.Records;
using MLEvents.State;

namespace MLEvents.Ledger.Operators;

/// <summary>The routes by which operators list, show, retry and cancel the actions of a service.</summary>
public static class ActionsApi
{
    /// <summary>Maps <c>/actions</c>: list, show, compare with the rules in force, retry, cancel. The route group that contains these routes sets their authorization.</summary>
    public static void MapActions(this IEndpointRouteBuilder routes)
    {
        var actions = routes.MapGroup("/actions");
        actions.MapGet("", ListAsync);
        actions.MapGet("/{id}", ShowAsync);
        actions.MapGet("/{id}/difference", CompareAsync);
        actions.MapPost("/{id}/retry", RetryAsync);
        actions.MapPost("/{id}/cancel", CancelAsync);
    }

    // A handler gets its services from the request, not as parameters. The request delegate generator would treat a parameter for a service as a possible JSON body.
    // The route would then refuse other content types.
    private static async Task<Results<Ok<ActionPage>, ProblemHttpResult>> ListAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var query = ActionQuery.Read(context.Request.Query);
        if (Paging.Read(query.Limit) is not { } pageSize)
        {
            return Problem(StatusCodes.Status400BadRequest, $"'limit' must be a number from 1 to {Paging.Max}.");
        }

        if (query.Status is not (null or "accepted" or "running" or "waiting" or "failed"))
        {
            return Problem(
                StatusCodes.Status400BadRequest, "'status' must be accepted, running, waiting or failed, or left out.",
                "The dashboard lists actions that succeeded or were skipped (GET /api/actions). This service shows such an action by its id, which is in the activity and in the tags of the objects that the action created.");
        }

        if (query.ToFilter() is not { } filter)
        {
            return Problem(StatusCodes.Status400BadRequest, "'since' and 'until' must be times such as 2026-11-01T12:00:00Z.");
        }

        try
        {
            var (items, next) = await context.RequestServices.GetRequiredService<ActionList>().PageAsync(pageSize, query.Continuation, filter, cancellationToken);
            return TypedResults.Ok(new ActionPage([.. items.Select(ActionView.Summarize)], next));
        }
        catch (FormatException exception)
        {
            return Problem(StatusCodes.Status400BadRequest, exception.Message);
        }
    }

    private static async Task<Results<JsonHttpResult<ActionView>, ProblemHttpResult>> ShowAsync(HttpContext context, string id, CancellationToken cancellationToken) =>
        await FindAsync(context, id, cancellationToken) is { } stored ? TypedResults.Json(ActionView.Describe(stored.Record), LedgerJson.Deep.ActionView) : NotFound(id);

    private static async Task<Results<Ok<PlanDifference>, ProblemHttpResult>> CompareAsync(HttpContext context, string id, CancellationToken cancellationToken) =>
        await FindAsync(context, id, cancellationToken) switch
        {
            null => NotFound(id),
            { Record.Unknown: { } unknown } => Problem(StatusCodes.Status409Conflict, "The action was not compared.", ActionControl.DescribeUnknown(unknown)),
            var stored => TypedResults.Ok(await context.RequestServices.GetRequiredService<CurrentRules>().CompareAsync(stored.Record, cancellationToken)),
        };

    private static async Task<Results<Ok<ActionView>, ProblemHttpResult>> RetryAsync(
        HttpContext context, string id, string? force, string? currentRules, int? generation, string? reason) => new RetryQuery(force, currentRules, generation, reason) switch
        {
            { Force: not (null or "true" or "false") } or { CurrentRules: not (null or "true" or "false") } => Problem(StatusCodes.Status400BadRequest, "'force' and 'currentRules' must be true or false."),
            _ when Intervention.FindReasonFault(reason) is { } fault => Problem(StatusCodes.Status400BadRequest, fault),
            var query => Answer(id, await ControlOf(context).RetryAsync(id, query.ToOptions(), Interventions.Read(context, "retry", reason, Now(context)), context.RequestAborted)),
        };

    private static async Task<Results<Ok<ActionView>, ProblemHttpResult>> CancelAsync(
        HttpContext context, string id, string? leaveRunning, string? reason) => leaveRunning switch
        {
            not (null or "true" or "false") => Problem(StatusCodes.Status400BadRequest, "'leaveRunning' must be true or false."),
            _ when Intervention.FindReasonFault(reason) is { } fault => Problem(StatusCodes.Status400BadRequest, fault),
            _ => Answer(id, await ControlOf(context).CancelAsync(id, leaveRunning is "true", Interventions.Read(context, "cancel", reason, Now(context)), context.RequestAborted)),
        };

    private static async Task<Stored?> FindAsync(HttpContext context, string id, CancellationToken cancellationToken) =>
        ActionRecord.IsId(id) ? await context.RequestServices.GetRequiredService<RecordStore>().FindAsync(id, cancellationToken) : null;

    private static ActionControl ControlOf(HttpContext context) => context.RequestServices.GetRequiredService<ActionControl>();

    private static DateTimeOffset Now(HttpContext context) => context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();

    private static Results<Ok<ActionView>, ProblemHttpResult> Answer(string id, ControlResult result) => result switch
    {
        { Record: null } => NotFound(id),
        { Refusal: { } refusal } => Problem(StatusCodes.Status409Conflict, "The action was not changed.", refusal),
        { Record: { } record } => TypedResults.Ok(ActionView.Summarize(record)),
    };

    private static ProblemHttpResult NotFound(string id) => Problem(StatusCodes.Status404NotFound, $"This service has no action '{id}'.");

    private static ProblemHttpResult Problem(int status, string title, string? detail = null) => TypedResults.Problem(statusCode: status, title: title, detail: detail);
}
