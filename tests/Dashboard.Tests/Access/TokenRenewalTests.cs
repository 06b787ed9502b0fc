using System.Net;

using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

using MLEvents.Dashboard.Access;
using MLEvents.Events;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services.Identity;

namespace MLEvents.Dashboard.Tests.Access;

/// <summary>Sign-ins that last longer than an access token, at a real provider.</summary>
public sealed class TokenRenewalTests
{
    private static readonly (string, string?) Offline = ("Operations:OpenIdConnect:Scope", $"openid profile offline_access {OpenIdProvider.Scope}");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_is_renewed_before_it_expires_and_the_user_gets_the_new_roles()
    {
        await using var fixture = await OpenIdFixture.StartAsync(Token, Offline);
        fixture.Provider.TokenLifetime = TimeSpan.FromMinutes(2);
        using var browser = fixture.CreateBrowser();
        using var signedIn = await OpenIdFixture.SignInAsync(browser, Token);
        using var reader = await browser.GetAsync(new Uri("/bulk?operation=retry", UriKind.Relative), Token);
        fixture.Provider.User = new ProviderUser("alice@example.com", [OperatorRoles.Operator]);

        using var operates = await browser.GetAsync(new Uri("/bulk?operation=retry", UriKind.Relative), Token);

        Assert.StartsWith("/denied", reader.Headers.Location?.PathAndQuery, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, operates.StatusCode);
        Assert.Contains(operates.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("mlevents-dashboard", StringComparison.Ordinal));
    }

    [Fact]
    public async Task While_the_provider_is_unavailable_a_sign_in_lasts_as_long_as_its_token()
    {
        await using var fixture = await OpenIdFixture.StartAsync(Token, Offline);
        fixture.Provider.TokenLifetime = TimeSpan.FromMinutes(2);
        using var browser = fixture.CreateBrowser();
        using var signedIn = await OpenIdFixture.SignInAsync(browser, Token);
        fixture.Provider.TokenLifetime = TimeSpan.FromSeconds(1);
        using var renewed = await browser.GetAsync(new Uri("/events", UriKind.Relative), Token);
        fixture.Provider.IsReachable = false;

        var ended = await Poll.UntilAsync(
            async token =>
            {
                using var response = await browser.GetAsync(new Uri("/events", UriKind.Relative), token);
                return (response.StatusCode, response.Headers.Location?.AbsolutePath);
            },
            answer => answer.StatusCode == HttpStatusCode.Redirect,
            Token);

        Assert.Equal(HttpStatusCode.OK, renewed.StatusCode);
        Assert.Equal("/signin", ended.AbsolutePath);
        Assert.Contains(fixture.Dashboard.Fixture.Service.Logs, log => log.Message.Contains("a sign-in could not be renewed", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/connect/token")]
    [InlineData("http://idp.invalid/connect/token")]
    public async Task Metadata_without_a_valid_token_endpoint_is_reported_and_the_sign_in_lasts_as_long_as_its_token(string endpoint)
    {
        await using var fixture = await OpenIdFixture.StartAsync(Token, Offline);
        fixture.Provider.TokenLifetime = TimeSpan.FromMinutes(2);
        using var browser = fixture.CreateBrowser();
        using var signedIn = await OpenIdFixture.SignInAsync(browser, Token);
        var service = fixture.Dashboard.Fixture.Service;
        var options = service.Services.GetRequiredService<IOptionsMonitor<OpenIdConnectOptions>>().Get(OpenIdSignIn.Scheme);
        options.ConfigurationManager = new StaticConfigurationManager<OpenIdConnectConfiguration>(new OpenIdConnectConfiguration { TokenEndpoint = endpoint });

        using var page = await browser.GetAsync(new Uri("/events", UriKind.Relative), Token);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains(service.Logs, log => log.Message.Contains("could not be renewed: The issuer's metadata contains no valid token_endpoint.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_user_who_lost_every_role_is_signed_out_when_the_token_expires()
    {
        await using var fixture = await OpenIdFixture.StartAsync(Token, Offline);
        fixture.Provider.TokenLifetime = TimeSpan.FromSeconds(1);
        using var browser = fixture.CreateBrowser();
        using var signedIn = await OpenIdFixture.SignInAsync(browser, Token);
        fixture.Provider.User = new ProviderUser("alice@example.com", []);

        await Poll.UntilAsync(
            async token =>
            {
                using var response = await browser.GetAsync(new Uri("/events", UriKind.Relative), token);
                return response.StatusCode;
            },
            status => status == HttpStatusCode.Redirect,
            Token);

        Assert.Contains(fixture.Dashboard.Fixture.Service.Logs, log => log.Message.Contains("alice@example.com has none of the roles", StringComparison.Ordinal));
    }
}
