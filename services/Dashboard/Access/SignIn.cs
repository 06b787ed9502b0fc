using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

using MLEvents.ServiceDefaults;

namespace MLEvents.Dashboard.Access;

/// <summary>Signs a user in with the operators' static token or with OpenID Connect.</summary>
internal sealed partial class SignIn(StaticToken token, ILogger<SignIn> logger)
{
    /// <summary>The path of the sign-in page and of its form.</summary>
    public const string Path = "/signin";

    /// <summary>The path that redirects to the issuer.</summary>
    public const string OpenIdPath = "/signin/openid";

    /// <summary>The path of the page for users without the required role.</summary>
    public const string DeniedPath = "/denied";

    public static void MapSignIn(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Path, (HttpContext context, [FromForm] string? token, [FromForm] string? returnUrl, SignIn signIn) => signIn.PostAsync(context, token, returnUrl))
            .AllowAnonymous().AddEndpointFilter<RouteHandlerBuilder, SignInLimit>();
        routes.MapGet(OpenIdPath, (HttpContext context, string? returnUrl, SignIn signIn) => signIn.ChallengeAsync(context, returnUrl)).AllowAnonymous();
        routes.MapPost("/signout", async (HttpContext context, [FromForm] string? returnUrl) =>
        {
            await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
            return TypedResults.LocalRedirect(Path);
        });
    }

    private async Task<RedirectHttpResult> PostAsync(HttpContext context, string? given, string? returnUrl)
    {
        if (!token.Matches(given ?? ""))
        {
            LogRefused(context.Connection.RemoteIpAddress?.ToString());
            return TypedResults.LocalRedirect($"{Path}?failed=true&returnUrl={Uri.EscapeDataString(Local(returnUrl))}");
        }

        await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, new(OperatorIdentity.ForStaticToken()));
        LogSignedIn(context.Connection.RemoteIpAddress?.ToString());
        return TypedResults.LocalRedirect(Local(returnUrl));
    }

    private async Task<Results<EmptyHttpResult, RedirectHttpResult, NotFound>> ChallengeAsync(HttpContext context, string? returnUrl)
    {
        if (await context.RequestServices.GetRequiredService<IAuthenticationSchemeProvider>().GetSchemeAsync(OpenIdSignIn.Scheme) is null)
        {
            return TypedResults.NotFound();
        }

        try
        {
            await context.ChallengeAsync(OpenIdSignIn.Scheme, new AuthenticationProperties { RedirectUri = Local(returnUrl) });
            return TypedResults.Empty;
        }
        catch (Exception exception) when (exception is InvalidOperationException or HttpRequestException or IOException && !context.Response.HasStarted)
        {
            LogUnreachable(exception.InnerException?.Message ?? exception.Message);
            return TypedResults.LocalRedirect($"{Path}?openid=unreachable&returnUrl={Uri.EscapeDataString(Local(returnUrl))}");
        }
    }

    // A link must not make the sign-in redirect to another site.
    private static string Local(string? url) => url is ['/', ..] and not ['/', '/' or '\\', ..] ? url : "/";

    [LoggerMessage(1, LogLevel.Warning, "Refused a sign-in from {RemoteAddress}: the token does not match Operations:Token")]
    private partial void LogRefused(string? remoteAddress);

    [LoggerMessage(2, LogLevel.Information, "An operator signed in from {RemoteAddress}")]
    private partial void LogSignedIn(string? remoteAddress);

    [LoggerMessage(3, LogLevel.Warning, "The issuer of Operations:OpenIdConnect does not answer, so users cannot sign in with it: {Reason}")]
    private partial void LogUnreachable(string reason);
}
