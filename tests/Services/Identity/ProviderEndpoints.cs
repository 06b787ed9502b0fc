using System.Collections.Immutable;
using System.Security.Claims;

using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;

namespace MLEvents.Tests.Services.Identity;

/// <summary>The part of the endpoints that OpenIddict leaves to an application. It selects the user who is signed in, and the claims of the tokens.</summary>
internal static class ProviderEndpoints
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;
    private const string Roles = "roles";

    public static void MapProviderEndpoints(this IEndpointRouteBuilder routes, Func<ProviderUser> user)
    {
        routes.MapMethods("/connect/authorize", ["GET", "POST"], (HttpContext context) => SignIn(Identify(user()), RequestOf(context).GetScopes()));
        routes.MapMethods("/connect/verify", ["GET", "POST"], (Delegate)((HttpContext context) => VerifyAsync(context, user)));
        routes.MapPost("/connect/token", (Delegate)((HttpContext context) => ExchangeAsync(context, user)));
    }

    private static async Task<IResult> VerifyAsync(HttpContext context, Func<ProviderUser> user) =>
        (await context.AuthenticateAsync(Scheme)).Principal is { } asked ? SignIn(Identify(user()), asked.GetScopes()) : Results.BadRequest();

    private static async Task<IResult> ExchangeAsync(HttpContext context, Func<ProviderUser> user)
    {
        var request = RequestOf(context);
        if (request.IsClientCredentialsGrantType())
        {
            var application = Identify(new ProviderUser(request.ClientId ?? "", user().Roles));
            application.SetClaim("azp", request.ClientId);
            return SignIn(application, request.GetScopes());
        }

        return (await context.AuthenticateAsync(Scheme)).Principal switch
        {
            null => Results.BadRequest(),

            // A renewed token has the current roles of the user.
            var granted when request.IsRefreshTokenGrantType() => SignIn(Identify(user()), granted.GetScopes()),
            var granted => Results.SignIn(granted, null, Scheme),
        };
    }

    private static ClaimsIdentity Identify(ProviderUser user)
    {
        var identity = new ClaimsIdentity(Scheme);
        identity.SetClaim(OpenIddictConstants.Claims.Subject, user.Name).SetClaim(OpenIddictConstants.Claims.PreferredUsername, user.Name);
        identity.SetClaims(Roles, [.. user.Roles]);
        return identity;
    }

    private static IResult SignIn(ClaimsIdentity identity, ImmutableArray<string> scopes)
    {
        identity.SetScopes(scopes);
        identity.SetResources(scopes.Contains(OpenIdProvider.Scope) ? OpenIdProvider.Audience : "api://other");
        identity.SetDestinations(_ => [OpenIddictConstants.Destinations.AccessToken, OpenIddictConstants.Destinations.IdentityToken]);
        return Results.SignIn(new ClaimsPrincipal(identity), null, Scheme);
    }

    private static OpenIddictRequest RequestOf(HttpContext context) =>
        context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("The request is not an OpenID Connect request.");
}
