using System.Globalization;

using Microsoft.Extensions.Options;

using MLEvents.ServiceDefaults;

namespace MLEvents.Ingress.Senders;

/// <summary>Admits only requests of known senders, and sets the sender as a feature of the request.</summary>
internal sealed partial class SenderFilter(
    SenderAuthentication senders, IOptionsMonitor<IngressOptions> options, RefusalLimiter limiter, IngressTelemetry telemetry, ILogger<SenderFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var result = await senders.FindAsync(http.Request);
        if (result.Sender is { } sender)
        {
            http.Features.Set(sender);
            return await next(context);
        }

        telemetry.Refused(result.Status);
        if (limiter.TryEnter(out var notLogged))
        {
            LogRefused(result.Given, http.Connection.RemoteIpAddress?.ToString(), notLogged);
        }

        if (result.Status == StatusCodes.Status503ServiceUnavailable)
        {
            http.Response.Headers.RetryAfter = options.CurrentValue.RetryAfter.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture);
        }

        return TypedResults.Problem(statusCode: result.Status, title: result.Title, detail: result.Detail);
    }

    [LoggerMessage(1, LogLevel.Warning, "Refused a request with {Given} from {RemoteAddress}. Since the last such line, {NotLogged} more requests were refused and not logged. If Event Grid sends these requests, check the event subscription")]
    private partial void LogRefused(string given, string? remoteAddress, int notLogged);
}
