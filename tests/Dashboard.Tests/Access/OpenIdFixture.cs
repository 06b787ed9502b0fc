using System.Net;

using MLEvents.Tests.Common;
using MLEvents.Tests.Services.Identity;

using static OpenIddict.Abstractions.OpenIddictConstants;

namespace MLEvents.Dashboard.Tests.Access;

/// <summary>The dashboard outside Development, and a real OpenID Connect provider for its users.</summary>
internal sealed class OpenIdFixture : IAsyncDisposable
{
    private const string ClientId = "dashboard";

    private OpenIdFixture(OpenIdProvider provider, DashboardFixture dashboard) => (Provider, Dashboard) = (provider, dashboard);

    public OpenIdProvider Provider { get; }

    public DashboardFixture Dashboard { get; }

    public static async Task<OpenIdFixture> StartAsync(CancellationToken cancellationToken, params (string Key, string? Value)[] settings)
    {
        var provider = await OpenIdProvider.StartAsync(cancellationToken);
        var dashboard = new DashboardFixture("Production");
        dashboard.Fixture.Settings["Operations:OpenIdConnect:Issuer"] = provider.Issuer.ToString();
        dashboard.Fixture.Settings["Operations:OpenIdConnect:Audiences:0"] = OpenIdProvider.Audience;
        dashboard.Fixture.Settings["Operations:OpenIdConnect:ClientId"] = ClientId;
        dashboard.Fixture.Settings["Operations:OpenIdConnect:Scope"] = $"openid profile {OpenIdProvider.Scope}";
        foreach (var (key, value) in settings)
        {
            dashboard.Fixture.Settings[key] = value;
        }

        await dashboard.StartAsync(cancellationToken);
        await dashboard.UntilAsync("/signin", _ => true, cancellationToken);
        await provider.AddApplicationAsync(
            new()
            {
                ClientId = ClientId,
                ClientType = ClientTypes.Public,
                ConsentType = ConsentTypes.Implicit,
                RedirectUris = { new Uri(dashboard.Address, "/signin-oidc"), new Uri("https://dashboard.example.org/signin-oidc") },
                Permissions =
                {
                    Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.GrantTypes.AuthorizationCode, Permissions.GrantTypes.RefreshToken, Permissions.ResponseTypes.Code,
                    Permissions.Scopes.Profile, Permissions.Prefixes.Scope + OpenIdProvider.Scope,
                },
            },
            cancellationToken);
        return new OpenIdFixture(provider, dashboard);
    }

    /// <summary>Creates an HTTP client that stores cookies like a browser, but does not follow redirects.</summary>
    public HttpClient CreateBrowser() => new(new HttpClientHandler { AllowAutoRedirect = false, CheckCertificateRevocationList = true }) { BaseAddress = Dashboard.Address };

    /// <summary>Signs in at the provider.</summary>
    /// <returns>The address at the dashboard to which the provider redirects.</returns>
    public static async Task<Uri> AuthorizeAsync(HttpClient browser, CancellationToken cancellationToken, string returnUrl = "/events")
    {
        // On a busy machine, the first answer of the provider can take longer than the time limit of the dashboard. The test then begins the sign-in again.
        var location = await Poll.UntilAsync(ChallengeAsync, location => location?.ToString().Contains("openid=unreachable", StringComparison.Ordinal) == false, cancellationToken);
        Assert.Contains("code_challenge_method=S256", location?.ToString(), StringComparison.Ordinal);
        using var authorized = await browser.GetAsync(location, cancellationToken);
        return authorized.Headers.Location ?? throw new InvalidOperationException($"The provider answered {authorized.StatusCode}: {await authorized.Content.ReadAsStringAsync(cancellationToken)}");

        async Task<Uri?> ChallengeAsync(CancellationToken token)
        {
            using var challenge = await browser.GetAsync(new Uri($"/signin/openid?returnUrl={Uri.EscapeDataString(returnUrl)}", UriKind.Relative), token);
            Assert.Equal(HttpStatusCode.Redirect, challenge.StatusCode);
            return challenge.Headers.Location;
        }
    }

    /// <summary>Signs in at the dashboard.</summary>
    /// <returns>The answer of the dashboard. If the sign-in succeeded, the browser has stored the cookie of the user.</returns>
    public static async Task<HttpResponseMessage> SignInAsync(HttpClient browser, CancellationToken cancellationToken, string returnUrl = "/events") =>
        await browser.GetAsync(await AuthorizeAsync(browser, cancellationToken, returnUrl), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Dashboard.DisposeAsync();
        await Provider.DisposeAsync();
    }
}
