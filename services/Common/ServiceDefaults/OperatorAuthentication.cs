using System.Security.Claims;
using System.Text.Encodings.Web;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.ServiceDefaults.Tokens;

namespace MLEvents.ServiceDefaults;

/// <summary>The scheme has no settings of its own; see <see cref="OperationsOptions"/>.</summary>
internal sealed class OperatorSchemeOptions : AuthenticationSchemeOptions;

/// <summary>Authenticates operators by the static token or by a token of the issuer.</summary>
internal sealed partial class OperatorAuthentication(
    IOptionsMonitor<OperatorSchemeOptions> scheme, ILoggerFactory loggers, UrlEncoder encoder, IOptionsMonitor<OperationsOptions> options, StaticToken staticToken, TokenValidator tokens,
    [FromKeyedServices(OperatorAuthentication.Scheme)] RefusalLimiter limiter)
    : AuthenticationHandler<OperatorSchemeOptions>(scheme, loggers, encoder)
{
    /// <summary>The name of the authentication scheme.</summary>
    public new const string Scheme = "MLEvents.Operators";

    private const string Header = "x-api-key";
    private const string Bearer = "Bearer ";
    private const string RetryAfterSeconds = "5";

    private string _reason = "";
    private bool _undecided;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // The framework calls this method for each request, also for the requests of Event Grid and of the sidecar.
        if (Context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>() is null)
        {
            return AuthenticateResult.NoResult();
        }

        if (FindGiven(Request) is not { } given)
        {
            return AuthenticateResult.NoResult();
        }

        return staticToken.Matches(given) ? Accept(OperatorIdentity.ForStaticToken()) : await AuthenticateAsync(given);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var given = FindGiven(Request) is not null;
        if (limiter.TryEnter(out var notLogged))
        {
            LogRefused(Logger, Context.Connection.RemoteIpAddress?.ToString(), Describe(given), notLogged);
        }

        return WriteAsync(Explain(given));
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => WriteAsync(TypedResults.Problem(
        statusCode: StatusCodes.Status403Forbidden,
        title: "The role is missing.",
        detail: $"Reading needs one of the roles {string.Join(", ", OperatorRoles.All)}; other requests need the role of the route. The token has: {string.Join(", ", OperatorIdentity.RolesOf(Context.User).DefaultIfEmpty("no role"))}."));

    private async Task<AuthenticateResult> AuthenticateAsync(string given)
    {
        var settings = options.CurrentValue.OpenIdConnect;
        if (TokenIssuer.From(settings) is not { } issuer)
        {
            return Refuse("It is not the value of Operations:Token.");
        }

        var result = await tokens.ValidateAsync(given, issuer, settings.Audiences, settings.ClockSkew, Context.RequestAborted);
        if (result.Identity is { } claims)
        {
            return Accept(OperatorIdentity.From(claims, settings.RoleClaim));
        }

        _undecided = result.IsUndecided;
        return Refuse(result.Reason ?? "It is not valid.");
    }

    private static AuthenticateResult Accept(ClaimsIdentity identity) => AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme));

    private AuthenticateResult Refuse(string reason)
    {
        _reason = reason;
        return AuthenticateResult.Fail(reason);
    }

    // The reasons of a refusal begin with "It" or "Its", which stand for the token.
    private string Describe(bool given) => !given ? "The token is missing."
        : _undecided ? $"The token cannot be checked now. {_reason.TrimEnd('.')}."
        : $"The token is not valid. {_reason}";

    private ProblemHttpResult Explain(bool given)
    {
        if (staticToken.Value is null && !options.CurrentValue.OpenIdConnect.HasIssuer)
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status403Forbidden, title: "The operators' API is off.", detail: "Set Operations:Token or Operations:OpenIdConnect to switch it on.");
        }

        if (_undecided)
        {
            Response.Headers.RetryAfter = RetryAfterSeconds;
            return TypedResults.Problem(statusCode: StatusCodes.Status503ServiceUnavailable, title: "The token cannot be checked now.", detail: "The signing keys of its issuer could not be read; see the log of the service. Try again later.");
        }

        Response.Headers.WWWAuthenticate = "Bearer";
        var expected = options.CurrentValue.OpenIdConnect.HasIssuer ? "a token of the issuer in Operations:OpenIdConnect" : "the value of Operations:Token";
        return TypedResults.Problem(
            statusCode: StatusCodes.Status401Unauthorized,
            title: given ? "The token is not valid." : "The token is missing.",
            detail: $"{(given ? _reason + " " : "")}Send {expected} as 'Authorization: Bearer …' or in the header '{Header}'.");
    }

    private Task WriteAsync(ProblemHttpResult problem) => problem.ExecuteAsync(Context);

    private static string? FindGiven(HttpRequest request) =>
        request.Headers.Authorization.FirstOrDefault() is { } authorization && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? authorization[Bearer.Length..].Trim()
            : request.Headers[Header].FirstOrDefault();

    [LoggerMessage(1, LogLevel.Warning, "Refused an operator's request from {RemoteAddress}: {Reason} Since the last such line, {NotLogged} more were refused and not logged")]
    private static partial void LogRefused(ILogger logger, string? remoteAddress, string reason, int notLogged);
}
