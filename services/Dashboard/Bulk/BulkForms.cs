using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

using MLEvents.Dashboard.Access;
using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Operating;
using MLEvents.Events;

namespace MLEvents.Dashboard.Bulk;

/// <summary>The endpoints of the forms for bulk retries and cancellations.</summary>
/// <remarks>The forms carry an antiforgery token, which the framework requires for every endpoint with <c>[FromForm]</c>.</remarks>
internal static class BulkForms
{
    public static void MapBulkForms(this IEndpointRouteBuilder routes)
    {
        var forms = routes.MapGroup("/bulk").RequireAuthorization(DashboardPolicies.Operate);
        forms.MapPost("", (HttpContext context, [FromForm] string? operation, [FromForm] string? status, [FromForm] string? service, [FromForm] string? rule, [FromForm] string? detail, [FromForm] string? since, [FromForm] string? reason, [FromForm] int? expected, HistoryQueries queries, BulkStore store, AuditLog audit) =>
            StartAsync(context, new BulkForm { Operation = operation, Status = status, Service = service, Rule = rule, Detail = detail, Since = since, Reason = reason, Expected = expected }, queries, store, audit));
        forms.MapPost("/{id}/continue", (HttpContext context, string id, [FromForm] bool? confirmed, BulkStore store, BulkRunner runner) => ContinueAsync(context, id, store, runner));
    }

    private static async Task<Results<RedirectHttpResult, NotFound>> StartAsync(HttpContext context, BulkForm form, HistoryQueries queries, BulkStore store, AuditLog audit)
    {
        if (BulkFilter.Read(form) is not { } filter)
        {
            return TypedResults.NotFound();
        }

        // The user confirmed a number of actions. If the number has grown since, the user must confirm the new number.
        var actions = await queries.ActionsAsync(filter.ToSearch(), context.RequestAborted);
        if (actions.Count == 0 || actions.Count > (form.Expected ?? 0))
        {
            return TypedResults.Redirect(filter.AddressFor(filter.Operation, changed: true));
        }

        var reason = string.IsNullOrWhiteSpace(form.Reason) ? null : form.Reason[..Math.Min(form.Reason.Length, Intervention.MaxReasonLength)];
        var id = Guid.NewGuid().ToString("N");
        var operation = BulkFilter.Describe(filter.Operation, actions.Count) + (reason is null ? "" : $": {reason}");
        try
        {
            var entry = await audit.BeginAsync(AuditLog.ActorOf(context), operation, $"bulk/{id} ({filter})", context.RequestAborted);
            var run = await store.CreateAsync(filter, id, entry, reason, actions, context.RequestAborted);
            return TypedResults.Redirect($"/bulk/{run.Id}");
        }
        catch (Exception exception) when (audit.IsUnavailable(exception))
        {
            return TypedResults.Redirect(filter.AddressFor(filter.Operation, message: AuditLog.DescribeOutage(exception)));
        }
    }

    private static async Task<Results<RedirectHttpResult, NotFound>> ContinueAsync(HttpContext context, string id, BulkStore store, BulkRunner runner) =>
        await store.FindAsync(id, context.RequestAborted) is { } progress
            ? TypedResults.Redirect(Site.QueryText.Build($"/bulk/{progress.Run.Id}", ("message", await runner.ContinueAsync(context, progress))))
            : TypedResults.NotFound();
}

/// <summary>The fields of the form that starts a run.</summary>
internal sealed class BulkForm
{
    public string? Operation { get; set; }

    public string? Status { get; set; }

    public string? Service { get; set; }

    public string? Rule { get; set; }

    public string? Detail { get; set; }

    public string? Since { get; set; }

    public string? Reason { get; set; }

    /// <summary>The number of actions that the page showed to the user.</summary>
    public int? Expected { get; set; }
}
