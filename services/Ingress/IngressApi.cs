using Microsoft.Extensions.Options;

namespace MLEvents.Ingress;

/// <summary>The routes of the ingress.</summary>
internal static class IngressApi
{
    public static void MapIngress(this IEndpointRouteBuilder routes)
    {
        var webhook = routes.MapGroup("/events").AddEndpointFilter<WebhookKey>();
        webhook.MapPost("", WebhookAsync);
        webhook.MapMethods("", [HttpMethods.Options], Consent);

        var binding = routes.MapGroup("/event-hub").AddEndpointFilter<SidecarOnly>();
        binding.MapPost("", EventHubAsync);
        binding.MapMethods("", [HttpMethods.Options], () => TypedResults.Ok());
    }

    private static void Consent(HttpContext context, Handshakes handshakes) =>
        handshakes.Consent(context.Request, context.Response);

    private static async Task<IResult> WebhookAsync(HttpContext context, [AsParameters] IngressServices services)
    {
        var limit = services.Options.CurrentValue.MaxBodyBytes;
        return await RequestBody.ReadAsync(context.Request, limit, context.RequestAborted) is { } body
            ? services.Handshakes.Answer(context.Request, body) ?? await services.Intake.TakeAsync(context.Request, body, context.RequestAborted)
            : services.Intake.TooLarge(limit);
    }

    // Event Grid's Event Hubs handler through a Dapr input binding: a refusal would be delivered again for ever, so what can't be read is quarantined and acknowledged.
    private static async Task<IResult> EventHubAsync(HttpContext context, [AsParameters] IngressServices services)
    {
        var answer = await WebhookAsync(context, services);
        return answer is IStatusCodeHttpResult { StatusCode: StatusCodes.Status400BadRequest } ? TypedResults.Ok() : answer;
    }
}

/// <summary>What the routes need.</summary>
internal sealed record IngressServices(Intake Intake, Handshakes Handshakes, IOptionsMonitor<IngressOptions> Options);
