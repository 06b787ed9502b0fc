using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

using MLEvents.Ingress.Senders;
using MLEvents.ServiceDefaults;

namespace MLEvents.Ingress.Webhook;

/// <summary>The routes of the ingress.</summary>
internal static class IngressApi
{
    public static void MapIngress(this IEndpointRouteBuilder routes)
    {
        var webhook = routes.MapGroup("/events").AddEndpointFilter<MalformedRequestFilter>().AddEndpointFilter<SenderFilter>();
        webhook.MapPost("", WebhookAsync);
        webhook.MapMethods("", [HttpMethods.Options], Consent);

        var binding = routes.MapGroup("/event-hub").AddEndpointFilter<MalformedRequestFilter>().RequireSidecar();
        binding.MapPost("", EventHubAsync);
        binding.MapMethods("", [HttpMethods.Options], () => TypedResults.Ok());
    }

    private static Ok Consent(HttpContext context, Handshakes handshakes)
    {
        handshakes.Consent(context.Request, context.Response);
        return TypedResults.Ok();
    }

    private static async Task<Results<Ok<ValidationResponse>, Ok, ProblemHttpResult>> WebhookAsync(HttpContext context, [AsParameters] IngressServices services)
    {
        var body = await RequestBody.ReadAsync(context.Request, services.Options.CurrentValue.MaxBodyBytes, context.RequestAborted);
        return services.Handshakes.Answer(context.Request, body.Bytes) ?? await services.Intake.AcceptAsync(context.Request, body, context.RequestAborted);
    }

    // Handles events that Event Grid sends to an event hub. A Dapr input binding delivers them here. The binding redelivers a refused message without end, so
    // unreadable input is quarantined and acknowledged.
    private static async Task<Results<Ok<ValidationResponse>, Ok, ProblemHttpResult>> EventHubAsync(HttpContext context, [AsParameters] IngressServices services)
    {
        var body = await RequestBody.ReadAsync(context.Request, services.Options.CurrentValue.MaxBodyBytes, context.RequestAborted);
        var answer = await services.Intake.AcceptAsync(context.Request, body, context.RequestAborted);
        return answer.Result is ProblemHttpResult { StatusCode: < StatusCodes.Status500InternalServerError } ? TypedResults.Ok() : answer;
    }
}

/// <summary>The services that the routes need.</summary>
internal sealed record IngressServices(Intake Intake, Handshakes Handshakes, IOptionsMonitor<IngressOptions> Options);
