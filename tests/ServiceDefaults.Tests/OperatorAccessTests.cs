using System.Net;

using MLEvents.Events;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services.Identity;

namespace MLEvents.ServiceDefaults.Tests;

/// <summary>Tests who may call the operators' routes. A real OpenID Connect provider issues the tokens.</summary>
public sealed class OperatorAccessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(OperatorRoles.Reader, 200, 403, 403, 403)]
    [InlineData(OperatorRoles.Operator, 200, 200, 200, 403)]
    [InlineData(OperatorRoles.Approver, 200, 403, 403, 200)]
    [InlineData("Another.Role", 403, 403, 403, 403)]
    public async Task A_role_allows_the_routes_that_require_it(string role, int read, int change, int nested, int approve)
    {
        await using var fixture = await OperatorFixture.StartAsync(Token);
        var token = await fixture.Provider.GetTokenAsync(OperatorFixture.Application, [role], Token);

        using var reading = await fixture.SendAsync(HttpMethod.Get, "/things", token, Token);
        using var changing = await fixture.SendAsync(HttpMethod.Post, "/things", token, Token);
        using var deleting = await fixture.SendAsync(HttpMethod.Delete, "/nested/1", token, Token);
        using var approving = await fixture.SendAsync(HttpMethod.Post, "/decisions", token, Token);

        Assert.Equal([read, change, nested, approve], new[] { reading, changing, deleting, approving }.Select(response => (int)response.StatusCode));
    }

    [Fact]
    public async Task The_name_of_the_operator_comes_from_the_token()
    {
        await using var fixture = await OperatorFixture.StartAsync(Token);
        var token = await fixture.Provider.GetTokenAsync(OperatorFixture.Application, [OperatorRoles.Operator], Token);

        using var byToken = await fixture.SendAsync(HttpMethod.Post, "/things", token, Token);
        using var byStaticToken = await fixture.SendAsync(HttpMethod.Post, "/things", OperatorApi.Token, Token);

        Assert.Equal(OperatorFixture.Application, await byToken.Content.ReadAsStringAsync(Token));
        Assert.Equal("operator", await byStaticToken.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task The_static_token_has_every_role_unless_the_settings_switch_it_off()
    {
        await using var on = await OperatorFixture.StartAsync(Token);
        await using var off = await OperatorFixture.StartAsync(Token, ("StaticToken", "false"));

        using var accepted = await on.SendAsync(HttpMethod.Post, "/decisions", OperatorApi.Token, Token);
        using var refused = await off.SendAsync(HttpMethod.Post, "/decisions", OperatorApi.Token, Token);
        using var stillOpen = await off.SendAsync(HttpMethod.Get, "/things", await off.Provider.GetTokenAsync(OperatorFixture.Application, [OperatorRoles.Reader], Token), Token);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.OK], [accepted.StatusCode, refused.StatusCode, stillOpen.StatusCode]);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("key confusion")]
    [InlineData("changed role")]
    [InlineData("other key")]
    [InlineData("other audience")]
    [InlineData("other issuer")]
    [InlineData("expired")]
    [InlineData("nothing")]
    [InlineData("garbage")]
    [InlineData("no base64")]
    public async Task A_token_that_is_not_valid_is_answered_with_401(string kind)
    {
        await using var fixture = await OperatorFixture.StartAsync(Token);
        await using var other = await OpenIdProvider.StartAsync(Token);
        var real = await fixture.Provider.GetTokenAsync(OperatorFixture.Application, [OperatorRoles.Operator], Token);
        var token = kind switch
        {
            "none" => HostileTokens.WithoutSignature(real),
            "key confusion" => HostileTokens.SignedWithPublicKey(real, fixture.Provider.PublicKey),
            "changed role" => HostileTokens.WithChangedClaim(real, "roles", OperatorRoles.Approver),
            "other key" => HostileTokens.SignedWithOtherKey(real),
            "other audience" => await fixture.Provider.GetNextTokenAsync(OperatorFixture.Application, [OperatorRoles.Operator], Token, "profile"),
            "other issuer" => await other.GetTokenAsync(OperatorFixture.Application, [OperatorRoles.Operator], Token),
            "nothing" => null,
            "garbage" => "a.b.c",
            "no base64" => "abcde.abcde.abcde",
            _ => real,
        };
        fixture.Time.Advance(kind == "expired" ? TimeSpan.FromHours(2) : TimeSpan.Zero);

        using var response = await fixture.SendAsync(HttpMethod.Get, "/things", token, Token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains(fixture.Service.Logs, log => log.Message.Contains("Refused an operator's request", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Many_requests_without_a_token_do_not_fill_the_log()
    {
        await using var fixture = await OperatorFixture.StartAsync(Token);
        for (var request = 0; request < 50; request++)
        {
            using var refused = await fixture.SendAsync(HttpMethod.Get, "/things", null, Token);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        fixture.Time.Advance(TimeSpan.FromSeconds(10));
        using var later = await fixture.SendAsync(HttpMethod.Get, "/things", "wrong", Token);

        var logged = fixture.Service.Logs.Where(log => log.Message.Contains("Refused an operator's request", StringComparison.Ordinal)).Select(log => log.Message).ToList();
        Assert.Equal(2, logged.Count);
        Assert.Contains(": The token is missing. Since", logged[0], StringComparison.Ordinal);
        Assert.Contains(": The token is not valid. It is not a JSON Web Token. Since", logged[1], StringComparison.Ordinal);
        Assert.Contains("Since the last such line, 49 more were refused and not logged", logged[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_keys_of_the_provider_cannot_be_read_the_answer_is_503()
    {
        await using var fixture = await OperatorFixture.StartAsync(Token);
        var token = await fixture.Provider.GetTokenAsync(OperatorFixture.Application, [OperatorRoles.Reader], Token);
        fixture.Provider.IsReachable = false;

        using var away = await fixture.SendAsync(HttpMethod.Get, "/things", token, Token);
        fixture.Provider.IsReachable = true;
        fixture.Time.Advance(TimeSpan.FromSeconds(5));
        using var back = await fixture.SendAsync(HttpMethod.Get, "/things", token, Token);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (away.StatusCode, back.StatusCode));
        Assert.NotNull(away.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_token_that_is_signed_with_a_new_key_is_accepted_as_soon_as_the_keys_may_be_read_again()
    {
        await using var fixture = await OperatorFixture.StartAsync(Token);
        using var first = await fixture.SendAsync(HttpMethod.Get, "/things", await fixture.Provider.GetTokenAsync(OperatorFixture.Application, [OperatorRoles.Reader], Token), Token);
        fixture.Provider.RotateKey();
        fixture.Time.Advance(TimeSpan.FromSeconds(5));

        using var rolled = await fixture.SendAsync(HttpMethod.Get, "/things", await fixture.Provider.GetNextTokenAsync(OperatorFixture.Application, [OperatorRoles.Reader], Token), Token);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, rolled.StatusCode));
    }

    [Theory]
    [InlineData("ResourceExhausted", HttpStatusCode.UnprocessableEntity, "larger than the Dapr sidecar")]
    [InlineData("Unavailable", HttpStatusCode.ServiceUnavailable, "Try again later")]
    public async Task A_message_that_is_too_large_is_answered_with_422_and_an_outage_of_the_sidecar_with_503(string failure, HttpStatusCode expected, string text)
    {
        await using var fixture = await OperatorFixture.StartAsync(Token);

        using var response = await fixture.SendAsync(HttpMethod.Post, $"/failures/{failure}", OperatorApi.Token, Token);

        Assert.Equal(expected, response.StatusCode);
        Assert.Contains(text, await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Routes_that_are_not_for_operators_do_not_read_the_token()
    {
        await using var fixture = await OperatorFixture.StartAsync(Token);
        fixture.Provider.IsReachable = false;

        using var response = await fixture.SendAsync(HttpMethod.Get, "/open", "e30.e30.e30", Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain(fixture.Service.Logs, log => log.Message.Contains("Refused", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("AzurePublicCloud", "https://login.microsoftonline.com/7f8f9c9a-0000-0000-0000-000000000001/v2.0", "https://sts.windows.net/7f8f9c9a-0000-0000-0000-000000000001/")]
    [InlineData("AzureUSGovernment", "https://login.microsoftonline.us/7f8f9c9a-0000-0000-0000-000000000001/v2.0", "https://sts.windows.net/7f8f9c9a-0000-0000-0000-000000000001/")]
    [InlineData("AzureChinaCloud", "https://login.partner.microsoftonline.cn/7f8f9c9a-0000-0000-0000-000000000001/v2.0", "https://sts.chinacloudapi.cn/7f8f9c9a-0000-0000-0000-000000000001/")]
    public void A_tenant_has_the_issuers_of_both_token_versions_of_its_cloud(string cloud, string second, string first)
    {
        var issuer = Tokens.TokenIssuer.From(new Tokens.TokenOptions { TenantId = "7f8f9c9a-0000-0000-0000-000000000001", Cloud = cloud });

        Assert.Equal([second, first], issuer?.Names);
        Assert.Equal($"{second}/.well-known/openid-configuration", issuer?.Metadata.ToString());
        Assert.False(issuer?.IsNamed("https://login.microsoftonline.com/another/v2.0"));
    }
}
