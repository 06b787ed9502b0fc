using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

using MLEvents.ServiceDefaults;
using MLEvents.ServiceDefaults.Tokens;

namespace MLEvents.Dashboard.Access;

/// <summary>Registers the sign-in with OpenID Connect: authorization code flow with PKCE.</summary>
internal static class OpenIdSignIn
{
    /// <summary>The authentication scheme.</summary>
    public const string Scheme = "openid";

    private const string Callback = "/signin-oidc";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Adds the scheme if the settings contain a client id. Without a client id, the framework would validate the empty settings in each request.
    /// </summary>
    public static void AddOpenIdSignIn(this AuthenticationBuilder authentication, IConfiguration configuration)
    {
        if (!string.IsNullOrWhiteSpace(configuration[$"{OperationsOptions.Section}:{nameof(OperationsOptions.OpenIdConnect)}:{nameof(OperatorTokenOptions.ClientId)}"]))
        {
            Add(authentication);
        }
    }

    // The scheme has its own method, so that a dashboard without OpenID Connect does not load the assemblies of the scheme.
    private static void Add(AuthenticationBuilder authentication)
    {
        authentication.Services.AddSingleton<AccessTokens>();
        authentication.Services.AddSingleton<TokenRenewal>();
        authentication.Services.AddSingleton<OpenIdEvents>();
        authentication.AddOpenIdConnect(Scheme, _ => { });
        authentication.Services.AddOptions<OpenIdConnectOptions>(Scheme).Configure<IOptions<OperationsOptions>, IOptions<DashboardOptions>, OpenIdEvents>(
            (options, operations, dashboard, events) => Configure(options, operations.Value.OpenIdConnect, dashboard.Value, events));
    }

    private static void Configure(OpenIdConnectOptions options, OperatorTokenOptions settings, DashboardOptions dashboard, OpenIdEvents events)
    {
        var issuer = TokenIssuer.From(settings) ?? throw new InvalidOperationException("Operations:OpenIdConnect:ClientId is set without TenantId or Issuer.");
        options.MetadataAddress = issuer.Metadata.ToString();
        options.RequireHttpsMetadata = issuer.Metadata.Scheme == Uri.UriSchemeHttps;
        options.ClientId = settings.ClientId;
        options.ClientSecret = settings.ClientSecret;
        options.ResponseType = OpenIdConnectResponseType.Code;

        // With the response mode form_post, the issuer's page would post a form to the dashboard. The browser would not send the Lax cookies with that request.
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.MapInboundClaims = false;
        options.CallbackPath = Callback;
        options.BackchannelTimeout = Timeout;

        // A redirect could send a secret or a refresh token to another host.
        options.BackchannelHttpHandler = new SocketsHttpHandler { AllowAutoRedirect = false };
        options.Scope.Clear();
        foreach (var scope in settings.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            options.Scope.Add(scope);
        }

        options.TokenValidationParameters = new TokenValidationParameters
        {
            ValidAudience = settings.ClientId,
            ClockSkew = settings.ClockSkew,
            IssuerValidator = (name, _, _) => issuer.IsNamed(name) ? name : throw new SecurityTokenInvalidIssuerException("The issuer is not trusted."),
        };
        HardenedCookie.Apply(options.CorrelationCookie, "mlevents-correlation.", dashboard);
        HardenedCookie.Apply(options.NonceCookie, "mlevents-nonce.", dashboard);
        options.Events.OnRedirectToIdentityProvider = events.UsePublicAddressAsync;
        options.Events.OnTokenValidated = events.AcceptAsync;
        options.Events.OnRemoteFailure = events.ReportAsync;
    }
}
