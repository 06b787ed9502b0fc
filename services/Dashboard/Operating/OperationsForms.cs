using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

using MLEvents.Dashboard.Access;
using MLEvents.Dashboard.History;
using MLEvents.Events;

namespace MLEvents.Dashboard.Operating;

/// <summary>The endpoints of the forms on the pages. Each endpoint calls the operator API of the service that executes the operation.</summary>
/// <remarks>The forms carry an antiforgery token, which the framework requires for every endpoint with <c>[FromForm]</c>.</remarks>
internal static class OperationsForms
{
    public static void MapOperationsForms(this IEndpointRouteBuilder routes)
    {
        var forms = routes.MapGroup("").RequireAuthorization(DashboardPolicies.Operate);
        forms.MapPost("/actions/{id}/retry", RetryAsync);
        forms.MapPost("/actions/{id}/cancel", CancelAsync);
        forms.MapPost("/rollback", RollbackAsync);
        foreach (var kind in (string[])[Topics.Quarantine, Topics.DeadLetters])
        {
            forms.MapPost($"/{kind}/{{id}}/replay", (HttpContext context, string id, [FromForm] bool? force, [FromForm] string? reason, OperatorRequest request) => ReplayAsync(context, $"{kind}/{Uri.EscapeDataString(id)}", force is true, reason, request));
        }
    }

    private static async Task<Results<RedirectHttpResult, NotFound>> RetryAsync(HttpContext context, string id, [FromForm] bool? force, [FromForm] bool? currentRules, [FromForm] string? reason, HistoryQueries queries, OperatorRequest request)
    {
        if (await queries.FindActionAsync(id, context.RequestAborted) is not { } action)
        {
            return TypedResults.NotFound();
        }

        var name = (force, currentRules) switch { (true, true) => "retry with force and the rules in force", (true, _) => "retry with force", (_, true) => "retry with the rules in force", _ => "retry" };
        var call = new OperatorCall(action.Service, name, action.Id, $"actions/{action.Id}/retry", force is true) { Reason = reason, Parameters = currentRules is true ? ["currentRules=true"] : [] };
        return SeeOther($"/actions/{action.Id}", await request.PostAsync(context, call));
    }

    private static async Task<Results<RedirectHttpResult, NotFound>> CancelAsync(HttpContext context, string id, [FromForm] bool? confirmed, [FromForm] string? reason, HistoryQueries queries, OperatorRequest request)
    {
        if (confirmed is not true || await queries.FindActionAsync(id, context.RequestAborted) is not { } action)
        {
            return TypedResults.NotFound();
        }

        var call = new OperatorCall(action.Service, "cancel", action.Id, $"actions/{action.Id}/cancel") { Reason = reason };
        return SeeOther($"/actions/{action.Id}", await request.PostAsync(context, call));
    }

    private static async Task<Results<RedirectHttpResult, NotFound>> RollbackAsync(HttpContext context, [FromForm] string? endpoint, [FromForm] string? to, [FromForm] string? workspace, [FromForm] bool? confirmed, [FromForm] string? reason, OperatorRequest request)
    {
        if (confirmed is not true || endpoint is not { Length: > 0 })
        {
            return TypedResults.NotFound();
        }

        var parameters = new[] { ("endpoint", endpoint), ("to", to), ("workspace", workspace) }.Where(parameter => !string.IsNullOrWhiteSpace(parameter.Item2)).Select(parameter => $"{parameter.Item1}={Uri.EscapeDataString(parameter.Item2 ?? "")}");
        var call = new OperatorCall("deployer", "roll-back", string.IsNullOrWhiteSpace(to) ? endpoint : $"{endpoint}, to {to}", "deployments/rollback") { Reason = reason, Parameters = [.. parameters] };
        return SeeOther("/rollback", await request.PostAsync(context, call));
    }

    private static async Task<RedirectHttpResult> ReplayAsync(HttpContext context, string path, bool force, string? reason, OperatorRequest request)
    {
        var call = new OperatorCall("ingress", force ? "replay with force" : "replay", path, $"{path}/replay", force) { Reason = reason };
        return SeeOther($"/{path}", await request.PostAsync(context, call));
    }

    private static RedirectHttpResult SeeOther(string path, string message) => TypedResults.Redirect($"{path}?message={Uri.EscapeDataString(message)}");
}
