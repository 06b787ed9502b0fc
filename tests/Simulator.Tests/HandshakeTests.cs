using System.Net;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Http;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

public sealed class HandshakeTests
{
    private const string Cloud = ""","eventDeliverySchema":"CloudEventSchemaV1_0" """;
    private const string Subscription = Workspace + "/providers/Microsoft.EventGrid/eventSubscriptions/test-hook";

    [Fact]
    public async Task The_validation_event_has_the_form_of_Event_Grid_and_the_secret_of_the_webhook_address_is_hidden()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();

        var found = await webhook.SubscribeAsync(simulator);
        using var full = await simulator.PostAsync(Subscription + "/getFullUrl");

        var request = Assert.Single(webhook.Requests);
        Assert.Equal("SubscriptionValidation", request.Kind);
        Assert.Equal("TEST-HOOK", request.Headers["aeg-subscription-name"]);
        Assert.Equal("?code=secret", request.Query);
        Assert.Equal("Microsoft.EventGrid.SubscriptionValidationEvent", (string?)Assert.Single(JsonNode.Parse(request.Body)?.AsArray() ?? [])?["eventType"]);
        Assert.Equal("Succeeded", State(found));
        Assert.DoesNotContain("secret", found.ToJsonString(), StringComparison.Ordinal);
        Assert.EndsWith("?code=secret", (string?)(await full.JsonAsync())["endpointUrl"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subscription_waits_for_a_call_of_the_validation_address_if_the_answer_does_not_contain_the_code()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        webhook.OnValidation = (http, _) => http.Response.WriteAsync("thanks");

        var waiting = await webhook.SubscribeAsync(simulator);
        var address = new Uri((string?)JsonNode.Parse(webhook.Requests[0].Body)?[0]?["data"]?["validationUrl"] ?? "");
        using var wrong = await simulator.GetAsync(address.AbsolutePath + "?token=" + Guid.NewGuid());
        using var confirmed = await simulator.GetAsync(address.PathAndQuery);
        var found = await simulator.ReadAsync(Subscription);

        Assert.Equal("AwaitingManualAction", State(waiting));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.OK, confirmed.StatusCode);
        Assert.Equal("Succeeded", State(found));
    }

    [Theory]
    [InlineData(StatusCodes.Status202Accepted)]
    [InlineData(StatusCodes.Status500InternalServerError)]
    public async Task A_handshake_fails_after_three_answers_other_than_200_and_no_event_is_delivered(int status)
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        webhook.OnValidation = (http, _) =>
        {
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        };

        var found = await webhook.SubscribeAsync(simulator);
        using var published = await simulator.PostAsync("/simulate/drift", "{}");
        var state = await simulator.ReadAsync("/state");

        Assert.Equal("Failed", State(found));
        Assert.Equal(3, webhook.Requests.Count);
        Assert.Equal(0, (int?)state["subscriptions"]?[0]?["deliveries"]?["matched"]);
    }

    [Fact]
    public async Task A_CloudEvents_subscription_asks_the_webhook_for_consent_with_OPTIONS()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();

        var found = await webhook.SubscribeAsync(simulator, Cloud);

        var request = Assert.Single(webhook.Requests);
        Assert.Equal("OPTIONS", request.Method);
        Assert.Equal("eventgrid.azure.net", request.Headers["WebHook-Request-Origin"]);
        Assert.Equal("Succeeded", State(found));
    }

    [Fact]
    public async Task A_webhook_can_consent_to_CloudEvents_later_through_the_callback()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        webhook.OnOptions = _ => { };

        var waiting = await webhook.SubscribeAsync(simulator, Cloud);
        using var confirmed = await simulator.PostAsync(new Uri(webhook.Requests[0].Headers["WebHook-Request-Callback"]).PathAndQuery);

        Assert.Equal("AwaitingManualAction", State(waiting));
        Assert.Equal("Succeeded", State(await simulator.ReadAsync(Subscription)));
    }

    [Fact]
    public async Task A_CloudEvents_subscription_fails_if_the_webhook_refuses_OPTIONS()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        webhook.OnOptions = http => http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;

        var found = await webhook.SubscribeAsync(simulator, Cloud);

        Assert.Equal("Failed", State(found));
    }

    [Theory]
    [InlineData("http://example.com/", "")]
    [InlineData("ftp://localhost/", "")]
    [InlineData("https://localhost/", ""","filter":{"includedEventTypes":["Microsoft.Storage.BlobCreated"]}""")]
    [InlineData("https://localhost/", ""","retryPolicy":{"maxDeliveryAttempts":31}""")]
    public async Task A_subscription_that_Event_Grid_rejects_is_rejected(string endpoint, string more)
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.PutAsync(Subscription, Bodies.Subscription(new Uri(endpoint), more));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData(",\"maxEventsPerBatch\":5001")]
    [InlineData(",\"preferredBatchSizeInKilobytes\":0")]
    [InlineData(",\"deliveryAttributeMappings\":[{\"name\":\"aeg-x\",\"type\":\"Static\"}]")]
    public async Task Limits_of_the_destination_are_enforced(string destination)
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.PutAsync(Subscription, Bodies.Subscription(new Uri("https://localhost/"), "", destination));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task An_update_repeats_the_handshake_and_keeps_the_members_that_it_does_not_name()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        await webhook.SubscribeAsync(simulator, ""","filter":{"subjectBeginsWith":"models/"}""");

        using var patched = await simulator.SendAsync(HttpMethod.Patch, Subscription, """{"labels":["new"]}""");
        var found = await simulator.UntilAsync(Subscription, resource => State(resource) == "Succeeded");

        Assert.Equal(HttpStatusCode.Created, patched.StatusCode);
        Assert.Equal(2, webhook.Requests.Count);
        Assert.Equal("new", (string?)found["properties"]?["labels"]?[0]);
        Assert.Equal("models/", (string?)found["properties"]?["filter"]?["subjectBeginsWith"]);
    }

    private static string? State(JsonNode resource) => (string?)resource["properties"]?["provisioningState"];
}
