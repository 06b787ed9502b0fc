using System.Net;
using System.Net.Http.Json;
using System.Text;

namespace MLEvents.Ingress.Tests;

public sealed class HandshakeTests : IAsyncLifetime
{
    private const string Validation = """
        [{"id":"v-1","topic":"/subscriptions/s","subject":"","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","eventTime":"2026-01-01T00:00:00Z",
          "data":{"validationCode":"512d38b6","validationUrl":"https://rp-westeurope.eventgrid.azure.net:553/x"},"metadataVersion":"1","dataVersion":"1"}]
        """;

    private IngressFixture? _fixture;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IngressFixture Fixture => _fixture ?? throw new InvalidOperationException();

    public async ValueTask InitializeAsync() => _fixture = await IngressFixture.StartAsync(
        Token, ("Ingress:AllowedSubscriptions:0", "Known"), ("Ingress:AllowedSubscriptions:1", "other"));

    public ValueTask DisposeAsync() => Fixture.DisposeAsync();

    [Fact]
    public async Task The_validation_event_is_answered_with_exactly_200_and_the_code()
    {
        using var response = await Fixture.PostAsync(Validation, Token, headers: [("aeg-event-type", "SubscriptionValidation"), ("aeg-subscription-name", "KNOWN")]);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("""{"validationResponse":"512d38b6"}""", await response.Content.ReadAsStringAsync(Token));
        Assert.False(Fixture.HasMore);
    }

    [Fact]
    public async Task An_unknown_subscription_is_not_validated()
    {
        using var response = await Fixture.PostAsync(Validation, Token, headers: [("aeg-event-type", "SubscriptionValidation"), ("aeg-subscription-name", "stranger")]);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("stranger", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/subscriptions/s", HttpStatusCode.OK)]
    [InlineData("/subscriptions/S/resourcegroups/g/providers/Microsoft.MachineLearningServices/workspaces/w", HttpStatusCode.OK)]
    [InlineData("/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/foreign", HttpStatusCode.Forbidden)]
    [InlineData("/subscriptions/other", HttpStatusCode.Forbidden)]
    [InlineData("/", HttpStatusCode.Forbidden)]
    public async Task With_a_list_of_workspaces_only_topics_of_these_workspaces_and_their_subscriptions_are_validated(string topic, HttpStatusCode expected)
    {
        await using var fixture = await IngressFixture.StartAsync(Token, ("Ingress:Workspaces:0", "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"));

        using var response = await fixture.PostAsync(Validation.Replace("/subscriptions/s", topic, StringComparison.Ordinal), Token, headers: ("aeg-event-type", "SubscriptionValidation"));

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task A_validation_without_a_code_is_refused()
    {
        using var response = await Fixture.PostAsync(Validation.Replace("validationCode", "other", StringComparison.Ordinal), Token, headers: ("aeg-subscription-name", "known"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task The_event_about_a_deleted_subscription_is_acknowledged()
    {
        using var response = await Fixture.PostAsync(
            """[{"id":"d-1","topic":"/t","eventType":"Microsoft.EventGrid.SubscriptionDeletedEvent","data":{"eventSubscriptionId":"/x"}}]""",
            Token, headers: ("aeg-event-type", "SubscriptionDeletion"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(Fixture.HasMore);
    }

    [Fact]
    public async Task The_cloudevents_handshake_allows_the_origin_of_event_grid()
    {
        using var response = await OptionsAsync("eventgrid.azure.net", "known");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["eventgrid.azure.net"], response.Headers.GetValues("WebHook-Allowed-Origin"));
        Assert.Equal(["*"], response.Headers.GetValues("WebHook-Allowed-Rate"));
        Assert.Contains("POST", response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("evil.example.com", "known")]
    [InlineData("eventgrid.azure.net", "stranger")]
    [InlineData(null, "known")]
    public async Task The_cloudevents_handshake_does_not_allow_unknown_origins_or_subscriptions(string? origin, string subscription)
    {
        using var response = await OptionsAsync(origin, subscription);

        Assert.False(response.Headers.Contains("WebHook-Allowed-Origin"));
    }

    [Fact]
    public async Task The_event_hubs_route_accepts_events_and_quarantines_unreadable_input()
    {
        using var good = await Fixture.Ingress.Sidecar.PostAsJsonAsync("/event-hub", new[] { new { id = "h-1", topic = "/t", eventType = "Microsoft.MachineLearningServices.RunCompleted", data = new { n = 1 } } }, Token);
        var delivered = Fixture.Next(Token);
        using var bad = await Fixture.Ingress.Sidecar.PostAsync(new Uri("/event-hub", UriKind.Relative), new StringContent("{not json", Encoding.UTF8, "application/json"), Token);

        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        Assert.Equal("run-completed", delivered.Topic);
        Assert.Equal(HttpStatusCode.OK, bad.StatusCode);
        Assert.Equal("quarantine", Fixture.Next(Token).Topic);
    }

    private async Task<HttpResponseMessage> OptionsAsync(string? origin, string subscription)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/events?code=" + IngressFixture.Key);
        request.Headers.Add("aeg-subscription-name", subscription);
        if (origin is not null)
        {
            request.Headers.Add("WebHook-Request-Origin", origin);
        }

        return await Fixture.Client.SendAsync(request, Token);
    }
}
