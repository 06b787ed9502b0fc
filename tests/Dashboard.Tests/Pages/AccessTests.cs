using System.Net;

using MLEvents.Tests.Common;

namespace MLEvents.Dashboard.Tests.Pages;

public sealed class AccessTests
{
    private static readonly string[] ProtectedPages = ["/", "/events", "/actions/00112233445566778899", "/chain?id=a", "/rules", "/audit", "/quarantine", "/approvals", "/approvals/00112233445566778899/0", "/approvals/00112233445566778899/0/approve", "/bulk", "/storm"];

    private static readonly string[] ProtectedRoutes = ["/chain/json?id=a", "/chain/svg?id=a", "/live"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_production_each_page_redirects_to_the_sign_in_and_no_other_route_answers_without_a_sign_in()
    {
        await using var dashboard = await StartAsync();
        using var browser = Browser(dashboard);

        foreach (var path in ProtectedPages)
        {
            using var response = await browser.GetAsync(new Uri(path, UriKind.Relative), Token);
            Assert.Equal((HttpStatusCode.Redirect, "/signin"), (response.StatusCode, response.Headers.Location?.AbsolutePath));
        }

        foreach (var path in ProtectedRoutes)
        {
            using var response = await browser.GetAsync(new Uri(path, UriKind.Relative), Token);
            Assert.True(response.StatusCode is HttpStatusCode.Redirect or HttpStatusCode.Unauthorized, path);
        }
    }

    [Fact]
    public async Task The_token_opens_the_requested_page_and_sets_an_http_only_same_site_cookie()
    {
        await using var dashboard = await StartAsync();

        using var response = await dashboard.PostAsync("/signin?returnUrl=%2Fevents", "/signin", Token, ("token", OperatorApi.Token), ("returnUrl", "/events"));

        Assert.Equal((HttpStatusCode.OK, "/events"), (response.StatusCode, response.RequestMessage?.RequestUri?.PathAndQuery));
        Assert.Contains("<h1>Events</h1>", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        using var without = Browser(dashboard);
        using var form = await SignInFormAsync(without, OperatorApi.Token, "/");
        using var signedIn = await without.PostAsync(new Uri("/signin", UriKind.Relative), form, Token);
        var cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("mlevents-dashboard=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=lax", cookie, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wrong", "/events", "/signin?failed=true&returnUrl=%2Fevents")]
    [InlineData("", "/", "/signin?failed=true&returnUrl=%2F")]
    [InlineData(OperatorApi.Token, "https://evil.example", "/")]
    [InlineData(OperatorApi.Token, "//evil.example", "/")]
    [InlineData(OperatorApi.Token, "/\\evil.example", "/")]
    public async Task A_sign_in_leads_only_to_pages_of_the_dashboard(string token, string wanted, string location)
    {
        await using var dashboard = await StartAsync();
        using var browser = Browser(dashboard);

        using var form = await SignInFormAsync(browser, token, wanted);
        using var response = await browser.PostAsync(new Uri("/signin", UriKind.Relative), form, Token);

        Assert.Equal(location, response.Headers.Location?.ToString());
    }

    [Fact]
    public async Task A_form_without_its_antiforgery_token_changes_nothing()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.UntilAsync("/", _ => true, Token);

        foreach (var path in (string[])["/signin", "/signout", "/actions/a/retry", "/actions/a/cancel", "/approvals/a/0/approve", "/approvals/a/0/reject", "/bulk", "/bulk/a/continue", "/quarantine/a/replay", "/dead-letters/a/replay"])
        {
            using var form = new FormUrlEncodedContent([KeyValuePair.Create("confirmed", "true")]);
            using var response = await dashboard.Fixture.Service.Client.PostAsync(new Uri(path, UriKind.Relative), form, Token);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }

        Assert.Contains("No entries", await dashboard.ReadAsync("/audit", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_development_a_request_for_a_host_name_other_than_loopback_still_needs_a_sign_in()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.UntilAsync("/", page => page.Contains("local user", StringComparison.Ordinal), Token);
        using var browser = Browser(dashboard);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events") { Headers = { Host = "rebound.example" } };

        using var response = await browser.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
    }

    [Fact]
    public async Task The_eleventh_sign_in_attempt_in_a_minute_is_refused()
    {
        await using var dashboard = await StartAsync();
        using var browser = Browser(dashboard);
        using var form = await SignInFormAsync(browser, "wrong", "/");
        var body = await form.ReadAsStringAsync(Token);
        var statuses = new List<HttpStatusCode>();

        for (var attempt = 0; attempt < 11; attempt++)
        {
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/x-www-form-urlencoded");
            using var response = await browser.PostAsync(new Uri("/signin", UriKind.Relative), content, Token);
            statuses.Add(response.StatusCode);
        }

        Assert.Equal([HttpStatusCode.Redirect, HttpStatusCode.TooManyRequests], statuses.Distinct());
        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[^1]);
    }

    [Fact]
    public async Task Pages_have_headers_that_block_injected_scripts()
    {
        await using var dashboard = new DashboardFixture();
        await dashboard.StartAsync(Token);
        await dashboard.UntilAsync("/", _ => true, Token);

        using var response = await dashboard.Fixture.Service.Client.GetAsync(new Uri("/", UriKind.Relative), Token);

        Assert.Contains("script-src 'self'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    private static async Task<DashboardFixture> StartAsync()
    {
        var dashboard = new DashboardFixture("Production");
        await dashboard.StartAsync(Token);
        await dashboard.UntilAsync("/signin", _ => true, Token);
        return dashboard;
    }

    private static HttpClient Browser(DashboardFixture dashboard) => new(new HttpClientHandler { AllowAutoRedirect = false, CheckCertificateRevocationList = true }) { BaseAddress = dashboard.Address };

    private static async Task<FormUrlEncodedContent> SignInFormAsync(HttpClient browser, string token, string wanted)
    {
        var page = await browser.GetStringAsync(new Uri("/signin", UriKind.Relative), Token);
        return AntiforgeryForm.CreateFor(page, ("token", token), ("returnUrl", wanted));
    }
}
