using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

using MLEvents.ServiceDefaults;

namespace MLEvents.Dashboard.Access;

/// <summary>Signs a user in with the token of the operators.</summary>
internal sealed partial class SignIn(StaticToken token, ILogger<SignIn> logger)
{
    /// <summary>The page with the form, and what the form posts to.</summary>
    public const string Path = "/signin";

    private const string User = "operator";

    public static void MapSignIn(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Path, (HttpContext context, [FromForm] string? token, [FromForm] string? returnUrl, SignIn signIn) => signIn.PostAsync(context, token, returnUrl))
            .AllowAnonymous().RequireRateLimiting(AccessServiceCollectionExtensions.SignInLimit);
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

        await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, LocalUser.SignedIn(User));
        LogSignedIn(context.Connection.RemoteIpAddress?.ToString());
        return TypedResults.LocalRedirect(Local(returnUrl));
    }

    // Never to another site, whatever a link says.
    private static string Local(string? url) => url is ['/', ..] and not ['/', '/' or '\\', ..] ? url : "/";

    [LoggerMessage(1, LogLevel.Warning, "Refused a sign-in from {RemoteAddress}")]
    private partial void LogRefused(string? remoteAddress);

    [LoggerMessage(2, LogLevel.Information, "An operator signed in from {RemoteAddress}")]
    private partial void LogSignedIn(string? remoteAddress);
}
