using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using Dapr;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.ServiceDefaults;

/// <summary>The routes by which operators look into and steer a service.</summary>
public static class OperationsAccess
{
    /// <summary>A group of routes that need the token of <see cref="OperationsOptions"/>.</summary>
    public static RouteGroupBuilder MapOperations(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("").AddEndpointFilter<OperationsToken>().AddEndpointFilter<StoreAway>();
}

/// <summary>Says that the sidecar or what is behind it is away, instead of a fault of the service.</summary>
internal sealed class StoreAway : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception exception) when (exception is DaprException { InnerException: not JsonException } or TimeoutException)
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status503ServiceUnavailable, title: "The Dapr sidecar, its state store or its broker does not answer.", detail: $"Try again later: {Redaction.Bound(exception.Message)}");
        }
    }
}

/// <summary>Refuses requests that don't carry the operators' token.</summary>
internal sealed partial class OperationsToken(IOptionsMonitor<OperationsOptions> options, IHostEnvironment environment, ILogger<OperationsToken> logger) : IEndpointFilter
{
    private const string Header = "x-api-key";
    private const string Bearer = "Bearer ";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var given = Given(context.HttpContext.Request);
        var expected = options.CurrentValue.Token is { Length: > 0 } token ? token : environment.IsDevelopment() ? OperationsOptions.LocalToken : null;
        if (expected is null)
        {
            return Refuse(StatusCodes.Status403Forbidden, "The operators' API is off.", "Set Operations:Token to switch it on.");
        }

        if (given is not null && CryptographicOperations.FixedTimeEquals(Hash(given), Hash(expected)))
        {
            return next(context);
        }

        LogRefused(given is null ? "no token" : "a wrong token", context.HttpContext.Connection.RemoteIpAddress?.ToString());
        context.HttpContext.Response.Headers.WWWAuthenticate = "Bearer";
        return Refuse(StatusCodes.Status401Unauthorized, given is null ? "The token is missing." : "The token is wrong.", $"Send the value of Operations:Token as 'Authorization: Bearer …' or in the header '{Header}'.");
    }

    private static string? Given(HttpRequest request) =>
        request.Headers.Authorization.FirstOrDefault() is { } authorization && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? authorization[Bearer.Length..].Trim()
            : request.Headers[Header].FirstOrDefault();

    // Hashed to one length, so that the time taken tells nothing about the token.
    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static ValueTask<object?> Refuse(int status, string title, string detail) =>
        ValueTask.FromResult<object?>(TypedResults.Problem(statusCode: status, title: title, detail: detail));

    [LoggerMessage(1, LogLevel.Warning, "Refused an operator's request with {Given} from {RemoteAddress}")]
    private partial void LogRefused(string given, string? remoteAddress);
}
