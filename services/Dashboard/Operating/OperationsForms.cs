using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

using MLEvents.Dashboard.History;
using MLEvents.Events;

namespace MLEvents.Dashboard.Operating;

/// <summary>What the buttons of the pages post to. Each calls the operator API of the service that owns the action or message.</summary>
/// <remarks>The forms carry an antiforgery token, which the framework requires for every endpoint with <c>[FromForm]</c>.</remarks>
internal static class OperationsForms
{
    public static void MapOperationsForms(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/actions/{id}/retry", RetryAsync);
        routes.MapPost("/actions/{id}/cancel", CancelAsync);
        routes.MapPost($"/{Topics.Quarantine}/{{id}}/replay", (HttpContext context, string id, [FromForm] bool? force, OperatorRequest request) => ReplayAsync(context, Topics.Quarantine, id, force, request));
        routes.MapPost($"/{Topics.DeadLetters}/{{id}}/replay", (HttpContext context, string id, [FromForm] bool? force, OperatorRequest request) => ReplayAsync(context, Topics.DeadLetters, id, force, request));
    }

    private static async Task<Results<RedirectHttpResult, NotFound>> RetryAsync(HttpContext context, string id, [FromForm] bool? force, HistoryQueries queries, OperatorRequest request)
    {
        if (await queries.FindActionAsync(id, context.RequestAborted) is not { } action)
        {
            return TypedResults.NotFound();
        }

        var message = await request.PostAsync(context.User, action.Service, force is true ? "retry with force" : "retry", action.Id, $"actions/{action.Id}/retry{(force is true ? "?force=true" : "")}", context.RequestAborted);
        return SeeOther($"/actions/{action.Id}", message);
    }

    private static async Task<Results<RedirectHttpResult, NotFound>> CancelAsync(HttpContext context, string id, [FromForm] bool? confirmed, HistoryQueries queries, OperatorRequest request)
    {
        if (confirmed is not true || await queries.FindActionAsync(id, context.RequestAborted) is not { } action)
        {
            return TypedResults.NotFound();
        }

        return SeeOther($"/actions/{action.Id}", await request.PostAsync(context.User, action.Service, "cancel", action.Id, $"actions/{action.Id}/cancel", context.RequestAborted));
    }

    private static async Task<RedirectHttpResult> ReplayAsync(HttpContext context, string kind, string id, bool? force, OperatorRequest request)
    {
        var path = $"{kind}/{Uri.EscapeDataString(id)}";
        var message = await request.PostAsync(context.User, "ingress", force is true ? "replay with force" : "replay", path, $"{path}/replay{(force is true ? "?force=true" : "")}", context.RequestAborted);
        return SeeOther($"/{path}", message);
    }

    private static RedirectHttpResult SeeOther(string path, string message) => TypedResults.Redirect($"{path}?message={Uri.EscapeDataString(message)}");
}
