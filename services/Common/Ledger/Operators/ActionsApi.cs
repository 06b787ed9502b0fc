using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

using MLEvents.Events;
using MLEvents.Ledger.Records;
using MLEvents.State;

namespace MLEvents.Ledger.Operators;

/// <summary>The routes by which operators list, show, retry and cancel the actions of a service.</summary>
public static class ActionsApi
{
    // The details of an action include its event, which can have the greatest accepted depth.
    private static readonly JsonSerializerOptions Deep = new(JsonSerializerDefaults.Web) { MaxDepth = JsonLimits.MaxDepth + JsonLimits.Wrapping };

    /// <summary>Maps <c>/actions</c>: list, show, compare with the rules in force, retry, cancel. The caller controls access to them.</summary>
    public static void MapActions(this IEndpointRouteBuilder routes)
    {
        var actions = routes.MapGroup("/actions");
        actions.MapGet("", ListAsync);
        actions.MapGet("/{id}", ShowAsync);
        actions.MapGet("/{id}/difference", CompareAsync);
        actions.MapPost("/{id}/retry", RetryAsync);
        actions.MapPost("/{id}/cancel", CancelAsync);
    }

    private static async Task<Results<Ok<ActionPage>, ProblemHttpResult>> ListAsync(ActionList list, [AsParameters] ActionQuery query, CancellationToken cancellationToken)
    {
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
            var (items, next) = await list.PageAsync(pageSize, query.Continuation, filter, cancellationToken);
            return TypedResults.Ok(new ActionPage([.. items.Select(ActionView.Summarize)], next));
        }
        catch (FormatException exception)
        {
            return Problem(StatusCodes.Status400BadRequest, exception.Message);
        }
    }

    private static async Task<Results<JsonHttpResult<ActionView>, ProblemHttpResult>> ShowAsync(RecordStore records, string id, CancellationToken cancellationToken) =>
        ActionRecord.IsId(id) && await records.FindAsync(id, cancellationToken) is { } stored
            ? TypedResults.Json(ActionView.Describe(stored.Record), Deep)
            : NotFound(id);

    private static async Task<Results<Ok<PlanDifference>, ProblemHttpResult>> CompareAsync(RecordStore records, CurrentRules rules, string id, CancellationToken cancellationToken) =>
        (ActionRecord.IsId(id) ? await records.FindAsync(id, cancellationToken) : null) switch
        {
            null => NotFound(id),
            { Record.Unknown: { } unknown } => Problem(StatusCodes.Status409Conflict, "The action was not compared.", ActionControl.DescribeUnknown(unknown)),
            var stored => TypedResults.Ok(await rules.CompareAsync(stored.Record, cancellationToken)),
        };

    private static async Task<Results<Ok<ActionView>, ProblemHttpResult>> RetryAsync(HttpContext context, ActionControl control, TimeProvider time, string id, [AsParameters] RetryQuery query) =>
        query switch
        {
            { Force: not (null or "true" or "false") } or { CurrentRules: not (null or "true" or "false") } => Problem(StatusCodes.Status400BadRequest, "'force' and 'currentRules' must be true or false."),
            _ when Intervention.FindReasonFault(query.Reason) is { } fault => Problem(StatusCodes.Status400BadRequest, fault),
            _ => Answer(id, await control.RetryAsync(id, query.ToOptions(), Interventions.Read(context, "retry", query.Reason, time.GetUtcNow()), context.RequestAborted)),
        };

    private static async Task<Results<Ok<ActionView>, ProblemHttpResult>> CancelAsync(
        HttpContext context, ActionControl control, TimeProvider time, string id, string? leaveRunning, string? reason) => leaveRunning switch
        {
            not (null or "true" or "false") => Problem(StatusCodes.Status400BadRequest, "'leaveRunning' must be true or false."),
            _ when Intervention.FindReasonFault(reason) is { } fault => Problem(StatusCodes.Status400BadRequest, fault),
            _ => Answer(id, await control.CancelAsync(id, leaveRunning is "true", Interventions.Read(context, "cancel", reason, time.GetUtcNow()), context.RequestAborted)),
        };

    private static Results<Ok<ActionView>, ProblemHttpResult> Answer(string id, ControlResult result) => result switch
    {
        { Record: null } => NotFound(id),
        { Refusal: { } refusal } => Problem(StatusCodes.Status409Conflict, "The action was not changed.", refusal),
        { Record: { } record } => TypedResults.Ok(ActionView.Summarize(record)),
    };

    private static ProblemHttpResult NotFound(string id) => Problem(StatusCodes.Status404NotFound, $"This service has no action '{id}'.");

    private static ProblemHttpResult Problem(int status, string title, string? detail = null) => TypedResults.Problem(statusCode: status, title: title, detail: detail);
}
