using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

using MLEvents.Events;
using MLEvents.Ledger.Approvals;
using MLEvents.State;

namespace MLEvents.Ledger.Operators;

/// <summary>The routes by which approvers list, show and decide the questions of a service.</summary>
public static class ApprovalsApi
{
    private const string Waiting = "waiting";

    /// <summary>Maps <c>/approvals</c>: list, show, approve, reject. The route group that contains these routes sets their authorization. Approve and reject also need the role <see cref="OperatorRoles.Approver"/>.</summary>
    public static void MapApprovals(this IEndpointRouteBuilder routes)
    {
        var approvals = routes.MapGroup("/approvals");
        approvals.MapGet("", ListAsync);
        approvals.MapGet("/{id}", ShowAsync);
        approvals.MapPost("/{id}/approve", ApproveAsync).RequireAuthorization(OperatorRoles.Approver);
        approvals.MapPost("/{id}/reject", RejectAsync).RequireAuthorization(OperatorRoles.Approver);
    }

    // A handler gets its services from the request, not as parameters. The request delegate generator would treat a parameter for a service as a possible JSON body.
    // The route would then refuse other content types.
    private static async Task<Results<Ok<ApprovalPage>, ProblemHttpResult>> ListAsync(
        HttpContext context, string? rule, string? limit, string? continuation, CancellationToken cancellationToken)
    {
        if (Paging.Read(limit) is not { } pageSize)
        {
            return Problem(StatusCodes.Status400BadRequest, $"'limit' must be a number from 1 to {Paging.Max}.");
        }

        try
        {
            var (items, next) = await context.RequestServices.GetRequiredService<ActionList>().PageAsync(pageSize, continuation, new() { Status = Waiting, Rule = rule }, cancellationToken);
            var asking = items.Where(record => record.Stage == LedgerStages.AwaitingApproval);
            var control = ControlOf(context);
            var found = await Task.WhenAll(asking.Select(record => control.FindAsync(record.Id, cancellationToken)));
            return TypedResults.Ok(new ApprovalPage([.. found.OfType<PendingApproval>().Select(View)], next));
        }
        catch (FormatException exception)
        {
            return Problem(StatusCodes.Status400BadRequest, exception.Message);
        }
    }

    private static async Task<Results<Ok<ApprovalView>, ProblemHttpResult>> ShowAsync(HttpContext context, string id, CancellationToken cancellationToken) =>
        await ControlOf(context).FindAsync(id, cancellationToken) is { } asked ? TypedResults.Ok(View(asked)) : NotFound(id);

    private static Task<Results<Ok<ApprovalView>, ProblemHttpResult>> ApproveAsync(
        HttpContext context, string id, DecisionRequest? request, CancellationToken cancellationToken) =>
        DecideAsync(context, id, DecisionKind.Approved, request, cancellationToken);

    private static Task<Results<Ok<ApprovalView>, ProblemHttpResult>> RejectAsync(
        HttpContext context, string id, DecisionRequest? request, CancellationToken cancellationToken) =>
        DecideAsync(context, id, DecisionKind.Rejected, request, cancellationToken);

    private static async Task<Results<Ok<ApprovalView>, ProblemHttpResult>> DecideAsync(
        HttpContext context, string id, DecisionKind kind, DecisionRequest? request, CancellationToken cancellationToken)
    {
        var by = context.User.Identity?.Name ?? "operator";
        return await ControlOf(context).DecideAsync(id, kind, by, request?.Comment, request?.Generation, cancellationToken) switch
        {
            { Status: StatusCodes.Status404NotFound } => NotFound(id),
            { Refusal: { } refusal, Status: var status } => Problem(status, "The decision was not recorded.", refusal),
            { Asked: { } asked } => TypedResults.Ok(View(asked)),
            _ => NotFound(id),
        };
    }

    private static ApprovalControl ControlOf(HttpContext context) => context.RequestServices.GetRequiredService<ApprovalControl>();

    private static ApprovalView View(PendingApproval asked) =>
        ApprovalView.Create(asked, asked.Record.Approval ?? throw new InvalidOperationException($"Action {asked.Record.Id} needs no approval."));

    private static ProblemHttpResult NotFound(string id) => Problem(StatusCodes.Status404NotFound, $"This service has no question about action '{id}'.");

    private static ProblemHttpResult Problem(int status, string title, string? detail = null) => TypedResults.Problem(statusCode: status, title: title, detail: detail);
}
