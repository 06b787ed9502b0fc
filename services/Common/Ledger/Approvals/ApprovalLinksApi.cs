using System.Globalization;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.Ledger.Approvals;

/// <summary>
/// The page of the signed link in a notice. GET shows the question and changes nothing, because mail scanners follow links. POST decides. The signature is the only
/// authentication, and each link decides once.
/// </summary>
public static class ApprovalLinksApi
{
    private const int MaxFormBytes = 16 * 1024;

    /// <summary>Maps <c>/approve/{id}/{generation}</c>. Without <c>Approvals:LinkKey</c> every link is refused.</summary>
    public static void MapApprovalLinks(this IEndpointRouteBuilder routes)
    {
        var links = routes.MapGroup("/approve/{id}/{generation:int}");
        links.MapGet("", ShowAsync);
        links.MapPost("", DecideAsync);
    }

    // A handler gets its services from the request, not as parameters. The request delegate generator would treat a parameter for a service as a possible JSON body.
    // The route would then refuse other content types.
    private static async Task<ContentHttpResult> ShowAsync(
        HttpContext http, string id, int generation, CancellationToken cancellationToken)
    {
        Protect(http);
        return Find(http, id, generation) is not { } link ? Refused()
            : await FindAsync(http, link, cancellationToken) is { } asked ? Page(ApprovalPages.Question(asked, link.Recipient))
            : Page(ApprovalPages.Message("This question does not exist", "The action was restarted, or its record is no longer stored."), StatusCodes.Status404NotFound);
    }

    private static async Task<ContentHttpResult> DecideAsync(
        HttpContext http, string id, int generation, CancellationToken cancellationToken)
    {
        Protect(http);
        if (Find(http, id, generation) is not { } link)
        {
            return Refused();
        }

        if (!http.Request.HasFormContentType || http.Request.ContentLength is not (>= 0 and <= MaxFormBytes))
        {
            return Page(ApprovalPages.Message("The form is not valid", "Open the link again and use the buttons of its page."), StatusCodes.Status400BadRequest);
        }

        var form = await http.Request.ReadFormAsync(cancellationToken);
        DecisionKind? kind = form["decision"].ToString() switch { "approve" => DecisionKind.Approved, "reject" => DecisionKind.Rejected, _ => null };
        if (kind is null || await FindAsync(http, link, cancellationToken) is null)
        {
            return Page(ApprovalPages.Message("Nothing was decided", "The form has no decision, or the question does not exist any more."), StatusCodes.Status400BadRequest);
        }

        var result = await ControlOf(http).DecideAsync(id, kind.Value, link.Recipient, form["comment"].ToString() is { Length: > 0 } comment ? comment : null, generation, cancellationToken);
        return result.Status == StatusCodes.Status200OK
            ? Page(ApprovalPages.Message("The decision is recorded", $"{kind} by {link.Recipient}."))
            : Page(ApprovalPages.Message("The decision was not recorded", result.Refusal ?? "The question does not exist any more."), result.Status);
    }

    private static ApprovalControl ControlOf(HttpContext http) => http.RequestServices.GetRequiredService<ApprovalControl>();

    private static async Task<PendingApproval?> FindAsync(HttpContext http, ApprovalLink link, CancellationToken cancellationToken) =>
        await ControlOf(http).FindAsync(link.ActionId, cancellationToken) is { } asked && asked.Record.Generation == link.Generation ? asked : null;

    private static ApprovalLink? Find(HttpContext http, string id, int generation)
    {
        var (request, services) = (http.Request, http.RequestServices);
        var (to, until, signature) = (request.Query["to"].ToString(), request.Query["until"].ToString(), request.Query["sig"].ToString());
        if (services.GetRequiredService<IOptions<ApprovalOptions>>().Value.LinkKey is not { } key || !long.TryParse(until, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            return null;
        }

        var link = new ApprovalLink(id, generation, to, DateTimeOffset.FromUnixTimeSeconds(seconds));
        return link.IsSignedBy(key, signature) && services.GetRequiredService<TimeProvider>().GetUtcNow() < link.ExpiresAt ? link : null;
    }

    // The address is a secret until the link is used, so it must not be stored or sent to other pages.
    private static void Protect(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.ContentSecurityPolicy = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    }

    private static ContentHttpResult Refused() =>
        Page(ApprovalPages.Message("This link is not valid", "It has expired or was changed. Use mlevents approvals, or ask for a new notice."), StatusCodes.Status403Forbidden);

    private static ContentHttpResult Page(string html, int status = StatusCodes.Status200OK) => TypedResults.Content(html, "text/html; charset=utf-8", statusCode: status);
}
