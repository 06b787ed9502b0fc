using System.Net;

using Microsoft.IdentityModel.JsonWebTokens;

using MLEvents.Ingress.Senders;
using MLEvents.Tests.Services.Identity;

namespace MLEvents.Ingress.Tests.Senders;

/// <summary>Which tokens the webhook accepts. The tokens are those of a real OpenID Connect provider.</summary>
public sealed class TokenTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_of_Event_Grid_is_accepted()
    {
        await using var fixture = await TokenFixture.StartAsync(WebhookAuthentication.Token, Token);

        using var response = await fixture.SendAsync(await fixture.GetTokenAsync(Token), Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(TokenFixture.EventGrid, TokenFixture.Role, "profile", HttpStatusCode.Unauthorized, "audience")]
    [InlineData(TokenFixture.EventGrid, "MLEvents.Operator", OpenIdProvider.Scope, HttpStatusCode.Forbidden, "does not have the role")]
    [InlineData("11111111-9cdb-44cf-a8bf-237846a00ab7", TokenFixture.Role, OpenIdProvider.Scope, HttpStatusCode.Forbidden, "application '11111111")]
    public async Task A_token_for_another_purpose_is_refused(string application, string role, string scope, HttpStatusCode expected, string reason)
    {
        await using var fixture = await TokenFixture.StartAsync(WebhookAuthentication.Token, Token);

        using var response = await fixture.SendAsync(await fixture.GetTokenAsync(Token, application, role, scope), Token);

        Assert.Equal(expected, response.StatusCode);
        Assert.Contains(reason, await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Contains(fixture.Ingress.Logs, log => log.Message.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_is_accepted_until_it_expires()
    {
        await using var fixture = await TokenFixture.StartAsync(WebhookAuthentication.Token, Token);
        var token = await fixture.GetTokenAsync(Token);

        // The provider issues the token by the system clock. The fixture's clock started earlier, so the test first advances it.
        var expires = new DateTimeOffset(new JsonWebToken(token).ValidTo, TimeSpan.Zero);
        fixture.Time.SetUtcNow(expires);
        using var within = await fixture.SendAsync(token, Token);
        fixture.Time.SetUtcNow(expires.AddMinutes(2));
        using var after = await fixture.SendAsync(token, Token);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Unauthorized], [within.StatusCode, after.StatusCode]);
        Assert.Contains("expired or not valid yet", await after.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_of_another_issuer_is_refused()
    {
        await using var fixture = await TokenFixture.StartAsync(WebhookAuthentication.Token, Token);
        await using var other = await OpenIdProvider.StartAsync(Token);

        using var response = await fixture.SendAsync(await other.GetTokenAsync(TokenFixture.EventGrid, [TokenFixture.Role], Token), Token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("issuer", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(0, other.KeyReads);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("key confusion")]
    [InlineData("changed claim")]
    [InlineData("other key")]
    [InlineData("no token")]
    [InlineData("parts")]
    public async Task A_forged_token_is_refused(string forgery)
    {
        await using var fixture = await TokenFixture.StartAsync(WebhookAuthentication.Token, Token);
        var real = await fixture.GetTokenAsync(Token);
        var token = forgery switch
        {
            "none" => HostileTokens.WithoutSignature(real),
            "key confusion" => HostileTokens.SignedWithPublicKey(real, fixture.Provider.PublicKey),
            "changed claim" => HostileTokens.WithChangedClaim(real, "sub", "another"),
            "other key" => HostileTokens.SignedWithOtherKey(real),
            "parts" => "e30.e30.e30",
            _ => "not-a-token",
        };

        using var response = await fixture.SendAsync(token, Token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task The_first_token_of_a_new_key_is_accepted_and_a_token_of_the_withdrawn_key_is_refused()
    {
        await using var fixture = await TokenFixture.StartAsync(WebhookAuthentication.Token, Token);
        var old = await fixture.GetTokenAsync(Token);
        using var first = await fixture.SendAsync(old, Token);
        fixture.Provider.RotateKey();
        fixture.Time.Advance(TimeSpan.FromSeconds(5));

        using var rolled = await fixture.SendAsync(await fixture.Provider.GetNextTokenAsync(TokenFixture.EventGrid, [TokenFixture.Role], Token), Token);
        fixture.Time.Advance(TimeSpan.FromSeconds(5));
        using var withdrawn = await fixture.SendAsync(old, Token);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Unauthorized], [first.StatusCode, rolled.StatusCode, withdrawn.StatusCode]);
    }

    [Fact]
    public async Task Unknown_key_ids_cause_at_most_one_request_for_the_keys_in_each_interval()
    {
        await using var fixture = await TokenFixture.StartAsync(WebhookAuthentication.Token, Token);
        var real = await fixture.GetTokenAsync(Token);
        using var first = await fixture.SendAsync(real, Token);

        for (var number = 0; number < 10; number++)
        {
            // The answer is not 401, because the ingress cannot know whether such a key exists until it may read the keys again.
            using var response = await fixture.SendAsync(HostileTokens.SignedWithOtherKey(real, $"invented-{number}"), Token);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        }

        fixture.Time.Advance(TimeSpan.FromSeconds(5));
        using var later = await fixture.SendAsync(HostileTokens.SignedWithOtherKey(real, "invented"), Token);
        Assert.Equal(HttpStatusCode.Unauthorized, later.StatusCode);
        Assert.Equal(2, fixture.Provider.KeyReads);
    }

    [Fact]
    public async Task While_the_key_server_is_unreachable_the_answer_is_503_and_the_service_is_not_ready()
    {
        await using var fixture = await TokenFixture.StartAsync(WebhookAuthentication.Token, Token);
        var token = await fixture.GetTokenAsync(Token);
        fixture.Provider.IsReachable = false;

        using var away = await fixture.SendAsync(token, Token);
        var notReady = await fixture.KeysHealthAsync(Token);
        fixture.Provider.IsReachable = true;
        fixture.Time.Advance(TimeSpan.FromSeconds(5));
        var ready = await fixture.KeysHealthAsync(Token);
        using var back = await fixture.SendAsync(token, Token);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(30)), (away.StatusCode, away.Headers.RetryAfter?.Delta));
        Assert.Equal(("Unhealthy", "Healthy"), (notReady, ready));
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
    }

    [Fact]
    public async Task While_the_key_server_is_unreachable_tokens_of_known_keys_are_accepted_and_tokens_of_unknown_keys_get_503()
    {
        await using var fixture = await TokenFixture.StartAsync(WebhookAuthentication.Token, Token);
        var known = await fixture.GetTokenAsync(Token);
        using var first = await fixture.SendAsync(known, Token);
        fixture.Provider.RotateKey();
        var unknown = await fixture.Provider.GetNextTokenAsync(TokenFixture.EventGrid, [TokenFixture.Role], Token);
        fixture.Provider.IsReachable = false;
        fixture.Time.Advance(TimeSpan.FromSeconds(5));

        using var rolled = await fixture.SendAsync(unknown, Token);
        using var still = await fixture.SendAsync(known, Token);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK], [first.StatusCode, rolled.StatusCode, still.StatusCode]);
        Assert.NotNull(rolled.Headers.RetryAfter);
        Assert.Equal("Healthy", await fixture.KeysHealthAsync(Token));
    }
}
