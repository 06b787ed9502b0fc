using System.Text.Json;

using Dapr;

using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.ServiceDefaults.Tokens;
using MLEvents.State;

namespace MLEvents.ServiceDefaults;

/// <summary>The routes with which operators read from and control a service.</summary>
public static class OperationsAccess
{
    /// <summary>
    /// Creates a group of routes for operators. GET and HEAD need one of the roles in <see cref="OperatorRoles.All"/>.
    /// Other methods need the role <see cref="OperatorRoles.Operator"/>.
    /// A route can name another role, for instance with <c>RequireAuthorization(OperatorRoles.Approver)</c>.
    /// </summary>
    public static RouteGroupBuilder MapOperations(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").AddEndpointFilter<UnavailableStateFilter>();
        ((IEndpointConventionBuilder)group).Finally(RequireRole);
        return group;
    }

    /// <summary>Registers the authentication of operators, and the policies of their roles.</summary>
    internal static void AddOperationsAccess(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<OperationsOptions>, OperationsRulesValidator>();
        services.AddOptionsWithValidateOnStart<OperationsOptions, OperationsOptionsValidator>().BindConfiguration(OperationsOptions.Section);
        services.AddTokenValidation();
        services.AddSingleton<StaticToken>();
        services.AddSingleton<ITrustedIssuers, OperatorIssuer>();

        // AddAuthentication is not called, because it also creates keys for cookies at start.
        services.AddWebEncoders();
        services.AddKeyedSingleton<RefusalLimiter>(OperatorAuthentication.Scheme);
        services.AddTransient<OperatorAuthentication>();
        services.AddAuthenticationCore(schemes => schemes.AddScheme<OperatorAuthentication>(OperatorAuthentication.Scheme, displayName: null));
        services.AddAuthorizationBuilder()
            .AddPolicy(OperatorRoles.Reader, policy => Require(policy, [.. OperatorRoles.All]))
            .AddPolicy(OperatorRoles.Operator, policy => Require(policy, OperatorRoles.Operator))
            .AddPolicy(OperatorRoles.Approver, policy => Require(policy, OperatorRoles.Approver));
    }

    private static void Require(AuthorizationPolicyBuilder policy, params string[] roles) =>
        policy.AddAuthenticationSchemes(OperatorAuthentication.Scheme).RequireRole(roles);

    // Runs after the conventions of the route itself. A route that names no role gets the role for its methods.
    private static void RequireRole(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.OfType<IAuthorizeData>().Any())
        {
            return;
        }

        var methods = endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods;
        var reads = methods is { Count: > 0 } && methods.All(method => HttpMethods.IsGet(method) || HttpMethods.IsHead(method));
        endpoint.Metadata.Add(new AuthorizeAttribute(reads ? OperatorRoles.Reader : OperatorRoles.Operator));
    }
}

/// <summary>The issuer of the operators' tokens.</summary>
internal sealed class OperatorIssuer(IOptionsMonitor<OperationsOptions> options) : ITrustedIssuers
{
    public IEnumerable<TokenIssuer> Issuers => TokenIssuer.From(options.CurrentValue.OpenIdConnect) is { } issuer ? [issuer] : [];
}

/// <summary>Answers 503 instead of 500 if the sidecar, the state store or the broker is unavailable, and 422 if one of them refuses a message or a value because of its size.</summary>
internal sealed class UnavailableStateFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (DaprException exception) when (exception.InnerException is not JsonException && !DaprFailures.IsTransient(exception))
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status422UnprocessableEntity, title: "A message or a value is larger than the Dapr sidecar, its state store or its broker accepts.", detail: $"A repetition has the same result, unless the limit is raised: {Redaction.Bound(exception.Message)}");
        }
        catch (Exception exception) when (exception is DaprException { InnerException: not JsonException } or TimeoutException)
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status503ServiceUnavailable, title: "The Dapr sidecar, its state store or its broker does not answer.", detail: $"Try again later: {Redaction.Bound(exception.Message)}");
        }
    }
}
