using System.Security.Cryptography;
using System.Text;

using Microsoft.Extensions.Options;

namespace MLEvents.Ingress.Webhook;

/// <summary>Refuses requests that carry none of the webhook keys, as <c>?code=</c> or in the header <c>x-webhook-key</c>.</summary>
internal sealed partial class WebhookKey(IOptionsMonitor<IngressOptions> options, IHostEnvironment environment, RefusalLimiter limiter, IngressTelemetry telemetry, ILogger<WebhookKey> logger) : IEndpointFilter
{
    public const string Header = "x-webhook-key";
    public const string Query = "code";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        var given = request.Headers[Header].FirstOrDefault() ?? request.Query[Query].FirstOrDefault();
        if (given is not null && IsValid(given))
        {
            return next(context);
        }

        telemetry.Refused(StatusCodes.Status401Unauthorized);
        if (limiter.TryEnter(out var notLogged))
        {
            LogRefused(given is null ? "no key" : "a wrong key", request.HttpContext.Connection.RemoteIpAddress?.ToString(), notLogged);
        }

        return ValueTask.FromResult<object?>(TypedResults.Problem(
            statusCode: StatusCodes.Status401Unauthorized,
            title: given is null ? "The webhook key is missing." : "The webhook key is wrong.",
            detail: $"Pass the key as the query parameter '{Query}' or in the header '{Header}'."));
    }

    // Both keys are always compared, hashed to one length, so that the time taken reveals nothing about either.
    private bool IsValid(string given)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(given));
        var valid = false;
        foreach (var key in Keys())
        {
            valid |= CryptographicOperations.FixedTimeEquals(hash, SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        }

        return valid;
    }

    private IEnumerable<string> Keys() =>
        options.CurrentValue.Keys is { Count: > 0 } keys ? keys
        : environment.IsDevelopment() ? [IngressOptions.LocalKey]
        : [];

    [LoggerMessage(1, LogLevel.Warning, "Refused a request with {Given} from {RemoteAddress}, and {NotLogged} more since the last such line; check the URL of the event subscription if it is Event Grid's")]
    private partial void LogRefused(string given, string? remoteAddress, int notLogged);
}
