using System.Text.Json;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

using MLEvents.Dashboard.Access;
using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Operating;

namespace MLEvents.Dashboard.Approvals;

/// <summary>The endpoints of the forms that approve or reject. The service that asked the question records the decision with the name of the user. Only a POST decides.</summary>
/// <remarks>The forms carry an antiforgery token, which the framework requires for every endpoint with <c>[FromForm]</c>.</remarks>
internal static class ApprovalForms
{
    public static void MapApprovalForms(this IEndpointRouteBuilder routes)
    {
        var forms = routes.MapGroup("/approvals/{id}/{generation:int}").RequireAuthorization(DashboardPolicies.Approve);
        forms.MapPost("/approve", (HttpContext context, string id, int generation, [FromForm] string? comment, ApprovalQueries queries, OperatorRequest request) =>
            DecideAsync(context, new(id, generation, "approve", "approval", comment), queries, request));
        forms.MapPost("/reject", (HttpContext context, string id, int generation, [FromForm] string? comment, ApprovalQueries queries, OperatorRequest request) =>
            DecideAsync(context, new(id, generation, "reject", "rejection", comment), queries, request));
    }

    private static async Task<Results<RedirectHttpResult, NotFound>> DecideAsync(HttpContext context, Decision decision, ApprovalQueries queries, OperatorRequest request)
    {
        if (await queries.FindAsync(decision.Id, decision.Generation, context.RequestAborted) is not { Question: var question })
        {
            return TypedResults.NotFound();
        }

        var comment = string.IsNullOrWhiteSpace(decision.Comment) ? null : decision.Comment;
        var call = new OperatorCall(question.Service, decision.Name, question.ActionId, $"approvals/{question.ActionId}/{decision.Verb}")
        {
            Note = comment,

            // The service refuses the decision if the action has another generation, because each generation asks a new question.
            Body = JsonSerializer.SerializeToElement(new DecisionBody(comment, question.Generation), DashboardJson.Default.DecisionBody),
        };
        var message = await request.PostAsync(context, call);
        return TypedResults.Redirect($"{ApprovalAddress.For(question)}?message={Uri.EscapeDataString(message)}");
    }

    private sealed record Decision(string Id, int Generation, string Verb, string Name, string? Comment);
}

/// <summary>The body of a decision for the operator API of the service.</summary>
/// <param name="Comment">The comment; null for none.</param>
/// <param name="Generation">The generation of the action that the question is about.</param>
internal sealed record DecisionBody(string? Comment, int Generation);
