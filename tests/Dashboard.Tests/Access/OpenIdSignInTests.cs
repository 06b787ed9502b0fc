using System.Net;

using Microsoft.Extensions.Logging;

using MLEvents.Dashboard.Tests.Operating;
using MLEvents.Events;
using MLEvents.Tests.Services;
using MLEvents.Tests.Services.Identity;

namespace MLEvents.Dashboard.Tests.Access;

/// <summary>Sign-in with OpenID Connect at a real provider.</summary>
public sealed class OpenIdSignInTests
{
    private const string Action = "00112233445566778899";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_user_with_a_role_sees_the_requested_page()
    {
        await using var fixture = await OpenIdFixture.StartAsync(Token);
        using var browser = fixture.CreateBrowser();

        using var signedIn = await OpenIdFixture.SignInAsync(browser, Token);
        var page = await browser.GetStringAsync(new Uri("/events", UriKind.Relative), Token);

        Assert.Equal("/events", signedIn.Headers.Location?.ToString());
        Assert.Contains("alice@example.com", page, StringComparison.Ordinal);
        var cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("mlevents-dashboard=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=lax", cookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_callback_is_accepted_only_once_and_only_in_the_browser_that_began_the_sign_in()
    {
        await using var fixture = await OpenIdFixture.StartAsync(Token);
        using var browser = fixture.CreateBrowser();
        using var stranger = fixture.CreateBrowser();
        var callback = await OpenIdFixture.AuthorizeAsync(browser, Token);

        using var stolen = await stranger.GetAsync(callback, Token);
        using var first = await browser.GetAsync(callback, Token);
        using var replayed = await browser.GetAsync(callback, Token);

        Assert.Equal(["/signin?openid=failed", "/events", "/signin?openid=failed"], new[] { stolen, first, replayed }.Select(response => response.Headers.Location?.ToString()));
        using var page = await stranger.GetAsync(new Uri("/events", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
    }

    [Fact]
    public async Task Many_callbacks_without_a_sign_in_do_not_fill_the_log()
    {
        await using var fixture = await OpenIdFixture.StartAsync(Token);
        using var stranger = fixture.CreateBrowser();
        var before = fixture.Dashboard.Fixture.Service.Logs.Count(log => log.Level >= LogLevel.Warning);

        for (var request = 0; request < 50; request++)
        {
            using var refused = await stranger.GetAsync(new Uri("/signin-oidc?code=x&state=y", UriKind.Relative), Token);
            Assert.Equal("/signin?openid=failed", refused.Headers.Location?.ToString());
        }

        Assert.InRange(fixture.Dashboard.Fixture.Service.Logs.Count(log => log.Level >= LogLevel.Warning) - before, 1, 10);
    }

    [Fact]
    public async Task A_code_that_is_already_redeemed_does_not_sign_in_another_browser()
    {
        await using var fixture = await OpenIdFixture.StartAsync(Token);
        using var victim = fixture.CreateBrowser();
        using var attacker = fixture.CreateBrowser();
        var callback = await OpenIdFixture.AuthorizeAsync(victim, Token);
        using var redeemed = await victim.GetAsync(callback, Token);
        var own = await OpenIdFixture.AuthorizeAsync(attacker, Token);

        fixture.Dashboard.Fixture.Service.Expected = log => $"{log.Message} {log.Exception}".Contains("already been redeemed", StringComparison.Ordinal);

        // The attacker sends the attacker's own state with the code of the victim. The dashboard accepts this state.
        var code = System.Web.HttpUtility.ParseQueryString(callback.Query)["code"];
        var state = System.Web.HttpUtility.ParseQueryString(own.Query)["state"];
        using var replayed = await attacker.GetAsync(new Uri($"/signin-oidc?code={Uri.EscapeDataString(code ?? "")}&state={Uri.EscapeDataString(state ?? "")}", UriKind.Relative), Token);

        Assert.Equal(("/events", "/signin?openid=failed"), (redeemed.Headers.Location?.ToString(), replayed.Headers.Location?.ToString()));
    }

    [Fact]
    public async Task A_reader_can_read_and_an_operator_can_retry_and_the_audit_names_the_user()
    {
        await using var retrainer = new FakeService { Accepts = authorization => authorization.StartsWith("Bearer eyJ", StringComparison.Ordinal) };
        await retrainer.StartAsync(Token);
        retrainer.Answers[$"POST /actions/{Action}/retry?reason=the%20data%20was%20fixed"] = (200, "{}");
        await using var fixture = await OpenIdFixture.StartAsync(Token, ("Dashboard:Services:retrainer", retrainer.Address));
        await fixture.Dashboard.ChangeAsync(Action, "failed", SampleEvents.Create("DatasetDriftDetected", "{}"), Token, "it broke");
        using var reader = fixture.CreateBrowser();
        using var readerSignedIn = await OpenIdFixture.SignInAsync(reader, Token);
        fixture.Provider.User = new ProviderUser("bob@example.com", [OperatorRoles.Operator]);
        using var operates = fixture.CreateBrowser();
        using var operatorSignedIn = await OpenIdFixture.SignInAsync(operates, Token);

        Assert.DoesNotContain($"/actions/{Action}/retry\"", await reader.GetStringAsync(new Uri($"/actions/{Action}", UriKind.Relative), Token), StringComparison.Ordinal);
        Assert.DoesNotContain("/bulk", await reader.GetStringAsync(new Uri("/actions?status=failed", UriKind.Relative), Token), StringComparison.Ordinal);
        using var refused = await RetryAsync(reader);
        using var accepted = await RetryAsync(operates);

        Assert.StartsWith("/denied", refused.Headers.Location?.PathAndQuery, StringComparison.Ordinal);
        Assert.Contains("accepted", accepted.Headers.Location?.ToString(), StringComparison.Ordinal);
        Assert.Single(retrainer.Requests.All, request => request.StartsWith("POST", StringComparison.Ordinal));
        Assert.Contains(retrainer.ForwardedFor.All, address => address.Contains("127.0.0.1", StringComparison.Ordinal));
        var audit = await operates.GetStringAsync(new Uri("/audit", UriKind.Relative), Token);
        Assert.Contains("bob@example.com from", audit, StringComparison.Ordinal);
        Assert.Contains("the data was fixed", audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_without_a_role_is_not_signed_in()
    {
        await using var fixture = await OpenIdFixture.StartAsync(Token);
        fixture.Provider.User = new ProviderUser("mallory@example.com", ["Another.Role"]);
        using var browser = fixture.CreateBrowser();

        using var response = await OpenIdFixture.SignInAsync(browser, Token);

        Assert.Equal("/signin?openid=failed", response.Headers.Location?.ToString());
        Assert.Contains(fixture.Dashboard.Fixture.Service.Logs, log => log.Message.Contains("mallory@example.com has none of the roles", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_for_another_api_is_not_accepted()
    {
        await using var fixture = await OpenIdFixture.StartAsync(Token, ("Operations:OpenIdConnect:Scope", "openid profile"));
        using var browser = fixture.CreateBrowser();

        using var response = await OpenIdFixture.SignInAsync(browser, Token);

        Assert.Equal("/signin?openid=failed", response.Headers.Location?.ToString());
        Assert.Contains(fixture.Dashboard.Fixture.Service.Logs, log => log.Message.Contains("Check Operations:OpenIdConnect:Scope and Audiences", StringComparison.Ordinal));
    }

    [Fact]
    public async Task While_the_provider_is_unavailable_the_sign_in_page_says_so()
    {
        await using var fixture = await OpenIdFixture.StartAsync(Token);
        fixture.Provider.IsReachable = false;
        using var browser = fixture.CreateBrowser();

        using var response = await browser.GetAsync(new Uri("/signin/openid?returnUrl=%2Fevents", UriKind.Relative), Token);
        var page = await browser.GetStringAsync(response.Headers.Location, Token);

        Assert.Equal("/signin?openid=unreachable&returnUrl=%2Fevents", response.Headers.Location?.ToString());
        Assert.Contains("The issuer does not answer", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    public async Task A_sign_in_leads_only_to_pages_of_the_dashboard(string wanted)
    {
        await using var fixture = await OpenIdFixture.StartAsync(Token);
        using var browser = fixture.CreateBrowser();

        using var response = await OpenIdFixture.SignInAsync(browser, Token, wanted);

        Assert.Equal("/", response.Headers.Location?.ToString());
    }

    [Fact]
    public async Task With_an_https_address_the_cookies_are_bound_to_the_host_and_the_provider_redirects_to_that_address()
    {
        await using var fixture = await OpenIdFixture.StartAsync(Token, ("Dashboard:PublicAddress", "https://dashboard.example.org"), ("Operations:StaticToken", "false"));
        using var browser = fixture.CreateBrowser();

        using var challenge = await browser.GetAsync(new Uri("/signin/openid", UriKind.Relative), Token);
        var page = await browser.GetStringAsync(new Uri("/signin", UriKind.Relative), Token);

        Assert.Contains("redirect_uri=https%3A%2F%2Fdashboard.example.org%2Fsignin-oidc", challenge.Headers.Location?.Query, StringComparison.Ordinal);
        Assert.All(challenge.Headers.GetValues("Set-Cookie"), cookie =>
        {
            Assert.StartsWith("__Host-mlevents-", cookie, StringComparison.Ordinal);
            Assert.Contains("; secure", cookie, StringComparison.Ordinal);
            Assert.Contains("; path=/;", cookie, StringComparison.Ordinal);
        });
        Assert.DoesNotContain("Operator token", page, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> RetryAsync(HttpClient browser)
    {
        var form = await browser.GetStringAsync(new Uri($"/actions/{Action}/retry", UriKind.Relative), Token);
        using var content = AntiforgeryForm.CreateFor(form, ("reason", "the data was fixed"));
        return await browser.PostAsync(new Uri($"/actions/{Action}/retry", UriKind.Relative), content, Token);
    }
}
