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

    // A handler gets its services from the request, not as parameters. The request delegate generator would treat a parameter for a service as a possible JSON body.
    // The route would then refuse other content types.
    private static Ok Consent(HttpContext context)
    {
        context.RequestServices.GetRequiredService<Handshakes>().Consent(context.Request, context.Response);
        return TypedResults.Ok();
    }

    private static async Task<Results<Ok<ValidationResponse>, Ok, ProblemHttpResult>> WebhookAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var body = await ReadBodyAsync(context, cancellationToken);
        return context.RequestServices.GetRequiredService<Handshakes>().Answer(context.Request, body.Bytes) ?? await AcceptAsync(context, body, cancellationToken);
    }

    // Handles events that Event Grid sends to an event hub. A Dapr input binding delivers them here. The binding redelivers a refused message without end, so
    // unreadable input is quarantined and acknowledged.
    private static async Task<Results<Ok<ValidationResponse>, Ok, ProblemHttpResult>> EventHubAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var answer = await AcceptAsync(context, await ReadBodyAsync(context, cancellationToken), cancellationToken);
        return answer.Result is ProblemHttpResult { StatusCode: < StatusCodes.Status500InternalServerError } ? TypedResults.Ok() : answer;
    }

    private static Task<RequestBody> ReadBodyAsync(HttpContext context, CancellationToken cancellationToken) =>
        RequestBody.ReadAsync(context.Request, context.RequestServices.GetRequiredService<IOptionsMonitor<IngressOptions>>().CurrentValue.MaxBodyBytes, cancellationToken);

    private static Task<Results<Ok<ValidationResponse>, Ok, ProblemHttpResult>> AcceptAsync(HttpContext context, RequestBody body, CancellationToken cancellationToken) =>
        context.RequestServices.GetRequiredService<Intake>().AcceptAsync(context.Request, body, cancellationToken);
}
