using System.Net;

using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ingress.Senders;
using MLEvents.Ingress.Tests.DeadLetters;
using MLEvents.Tests.Common;

namespace MLEvents.Ingress.Tests.Senders;

/// <summary>Several senders, each with its own key or token and its own workspaces.</summary>
public sealed class SenderTests
{
    private const string KeyA = "the-key-of-sender-a";
    private const string KeyB = "the-key-of-sender-b";
    private const string WorkspaceA = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/a";
    private const string WorkspaceB = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/b";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static (string Key, string? Value)[] TwoSenders =>
    [
        ("Ingress:Senders:a:Keys:0", KeyA), ("Ingress:Senders:a:Workspaces:0", WorkspaceA),
        ("Ingress:Senders:b:Keys:0", KeyB), ("Ingress:Senders:b:Workspaces:0", WorkspaceB),
    ];

    [Theory]
    [InlineData(KeyA, WorkspaceA, Topics.RunCompleted)]
    [InlineData(KeyB, WorkspaceB, Topics.RunCompleted)]
    [InlineData(KeyA, WorkspaceB, Topics.Quarantine)]
    public async Task A_sender_may_send_only_events_of_its_own_workspaces(string key, string workspace, string topic)
    {
        await using var fixture = await IngressFixture.StartAsync(Token, TwoSenders);
        using var request = Event(workspace, key);

        using var response = await fixture.Client.SendAsync(request, Token);
        var (got, envelope) = fixture.Next(Token);

        Assert.Equal((HttpStatusCode.OK, topic), (response.StatusCode, got));
        if (topic == Topics.Quarantine)
        {
            Assert.Contains("Ingress:Senders:a:Workspaces", envelope.GetProperty("data").GetProperty("reason").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_replay_from_the_quarantine_applies_the_workspaces_of_the_sender()
    {
        await using var fixture = await DeadLettersFixture.StartAsync(Token, [("Ingress:Keys:0", null), .. TwoSenders]);
        using var request = Event(WorkspaceB, KeyA);
        using var response = await fixture.Service.Client.SendAsync(request, Token);
        var list = await fixture.Service.AskUntilAsync("/quarantine", kept => kept.GetProperty("items").GetArrayLength() == 1, Token);

        var (status, body) = await fixture.AskAsync(HttpMethod.Post, $"/quarantine/{list.GetProperty("items")[0].GetProperty("id").GetString()}/replay", Token);

        Assert.Equal(422, status);
        Assert.Contains("Ingress:Senders:a:Workspaces", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_KeyAndToken_a_key_and_a_token_of_the_same_sender_are_required()
    {
        await using var fixture = await TokenFixture.StartAsync(
            WebhookAuthentication.KeyAndToken, Token,
            ("Ingress:Senders:a:Keys:0", KeyA), ("Ingress:Senders:a:Token:ApplicationIds:0", TokenFixture.EventGrid),
            ("Ingress:Senders:b:Keys:0", KeyB), ("Ingress:Senders:b:Token:ApplicationIds:0", "another-application"));
        var token = await fixture.GetTokenAsync(Token);

        using var both = await fixture.SendAsync(token, Token, KeyA);
        using var keyOnly = await fixture.SendAsync(null, Token, KeyA);
        using var tokenOnly = await fixture.SendAsync(token, Token);
        using var otherKey = await fixture.SendAsync(token, Token, KeyB);

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden],
            [both.StatusCode, keyOnly.StatusCode, tokenOnly.StatusCode, otherKey.StatusCode]);
    }

    [Fact]
    public async Task With_KeyOrToken_a_valid_key_or_a_valid_token_is_enough()
    {
        await using var fixture = await TokenFixture.StartAsync(WebhookAuthentication.KeyOrToken, Token, ("Ingress:Keys:0", KeyA));
        var token = await fixture.GetTokenAsync(Token);

        using var key = await fixture.SendAsync(null, Token, KeyA);
        using var byToken = await fixture.SendAsync(token, Token);
        using var neither = await fixture.SendAsync(null, Token, KeyB);
        using var wrongKey = await fixture.SendAsync(token, Token, KeyB);

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.OK],
            [key.StatusCode, byToken.StatusCode, neither.StatusCode, wrongKey.StatusCode]);
    }

    [Fact]
    public async Task If_only_tokens_are_accepted_a_key_is_refused()
    {
        await using var fixture = await TokenFixture.StartAsync(WebhookAuthentication.Token, Token);

        using var response = await fixture.SendAsync(null, Token, IngressOptions.LocalKey);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData(WebhookAuthentication.Token, null, HttpStatusCode.OK)]
    [InlineData(WebhookAuthentication.KeyAndToken, KeyA, HttpStatusCode.OK)]
    [InlineData(WebhookAuthentication.KeyAndToken, null, HttpStatusCode.Unauthorized)]
    public async Task The_CloudEvents_handshake_never_needs_a_token_and_needs_the_key_if_keys_are_required(WebhookAuthentication authentication, string? key, HttpStatusCode expected)
    {
        await using var fixture = await TokenFixture.StartAsync(authentication, Token, authentication == WebhookAuthentication.Token ? [] : [("Ingress:Keys:0", KeyA)]);

        using var handshake = await fixture.SendAsync(null, Token, key, HttpMethod.Options);
        using var delivery = await fixture.SendAsync(null, Token, key);

        Assert.Equal((expected, HttpStatusCode.Unauthorized), (handshake.StatusCode, delivery.StatusCode));
    }

    [Theory]
    [InlineData("have the same key", "Ingress:Senders:a:Keys:0", KeyA, "Ingress:Senders:b:Keys:0", KeyA)]
    [InlineData("Ingress:Senders: 'a' and 'b' have the same key", "Ingress:Senders:a:Keys:0", KeyA, "Ingress:Senders:a:Keys:1", KeyA, "Ingress:Senders:b:Keys:0", KeyA)]
    [InlineData("Ingress:Keys and Ingress:Senders are both set", "Ingress:Senders:a:Keys:0", KeyA, "Ingress:Keys:0", KeyB)]
    [InlineData("Ingress:Senders:a:Keys is empty", "Ingress:Senders:a:Workspaces:0", WorkspaceA)]
    [InlineData("Ingress:Senders:a:Keys holds a key shorter", "Ingress:Senders:a:Keys:0", "short")]
    [InlineData("Ingress:Senders:a:Workspaces holds 'x'", "Ingress:Senders:a:Keys:0", KeyA, "Ingress:Senders:a:Workspaces:0", "x")]
    [InlineData("Ingress:Token has no issuer", "Ingress:Authentication", "Token")]
    [InlineData("the webhook keys are never used", "Ingress:Authentication", "Token", "Ingress:Token:TenantId", "4962773b-9cdb-44cf-a8bf-237846a00ab7", "Ingress:Token:Audiences:0", "x", "Ingress:Keys:0", KeyA)]
    [InlineData("Ingress:Token:Audiences is empty", "Ingress:Authentication", "Token", "Ingress:Token:TenantId", "4962773b-9cdb-44cf-a8bf-237846a00ab7")]
    [InlineData("which is not a GUID", "Ingress:Authentication", "Token", "Ingress:Token:TenantId", "contoso.onmicrosoft.com", "Ingress:Token:Audiences:0", "x")]
    [InlineData("it must be an https address", "Ingress:Authentication", "Token", "Ingress:Token:Issuer", "http://idp.example.org", "Ingress:Token:Audiences:0", "x")]
    [InlineData("ClockSkew", "Ingress:Authentication", "Token", "Ingress:Token:TenantId", "4962773b-9cdb-44cf-a8bf-237846a00ab7", "Ingress:Token:Audiences:0", "x", "Ingress:Token:ClockSkew", "00:06:00")]
    [InlineData("ApplicationIds is empty", "Ingress:Authentication", "Token", "Ingress:Token:TenantId", "4962773b-9cdb-44cf-a8bf-237846a00ab7", "Ingress:Token:Cloud", "AzureChinaCloud", "Ingress:Token:Audiences:0", "x")]
    [InlineData("'a' and 'b' accept the same tokens", "Ingress:Authentication", "Token", "Ingress:Token:TenantId", "4962773b-9cdb-44cf-a8bf-237846a00ab7", "Ingress:Senders:a:Token:Audiences:0", "x", "Ingress:Senders:b:Token:Audiences:0", "x")]
    public async Task Invalid_settings_for_senders_keys_and_tokens_stop_the_start(string expected, params string[] settings)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => RunningService.StartAsync(
            configure => IngressService.Create([], configure), settings.Chunk(2).Select(pair => new KeyValuePair<string, string?>(pair[0], pair[1])), Token));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static HttpRequestMessage Event(string workspace, string key) => new(HttpMethod.Post, $"/events?code={key}")
    {
        Content = new StringContent($$"""[{"id":"1","topic":"{{workspace}}","subject":"experiments/e/runs/r","eventType":"{{EventTypes.RunCompleted}}","eventTime":"2026-11-01T00:00:00Z","data":{},"dataVersion":"1.0"}]"""),
    };
}
