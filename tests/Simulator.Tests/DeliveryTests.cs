using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Http;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

public sealed class DeliveryTests
{
    private const string Subscription = Workspace + "/providers/Microsoft.EventGrid/eventSubscriptions/test-hook";
    private const string DeadLetter = ""","deadLetterDestination":{"endpointType":"StorageBlob","properties":{"resourceId":"/r","blobContainerName":"c"}}""";
    private const string Cloud = ""","eventDeliverySchema":"CloudEventSchemaV1_0" """;

    [Fact]
    public async Task An_event_is_delivered_in_an_array_with_the_headers_of_Event_Grid()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        await webhook.SubscribeAsync(simulator);

        await simulator.PostAsync("/simulate/events", Event("e-1"));
        await webhook.UntilAsync(events => events.Count == 1);

        var request = Assert.Single(webhook.Deliveries);
        Assert.StartsWith("[", request.Body, StringComparison.Ordinal);
        Assert.Equal("application/json; charset=utf-8", request.Headers["Content-Type"]);
        Assert.Equal("0", request.Headers["aeg-delivery-count"]);
        Assert.Equal("1", request.Headers["aeg-metadata-version"]);
        Assert.Equal("e-1", request.Headers["aeg-output-event-id"]);
        Assert.Equal(Workspace, (string?)webhook.Events[0].Body["topic"]);
    }

    [Fact]
    public async Task CloudEvents_are_delivered_as_single_objects_with_the_specversion_1_0()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        await webhook.SubscribeAsync(simulator, Cloud);

        await simulator.PostAsync("/simulate/events", Event("e-1"));
        await webhook.UntilAsync(events => events.Count == 1);

        var request = Assert.Single(webhook.Deliveries);
        Assert.Equal("application/cloudevents+json; charset=utf-8", request.Headers["Content-Type"]);
        Assert.Equal("1.0", (string?)webhook.Events[0].Body["specversion"]);
        Assert.Equal(Workspace, (string?)webhook.Events[0].Body["source"]);
    }

    [Fact]
    public async Task Batches_respect_the_maximum_number_of_events_and_the_preferred_size()
    {
        await using var simulator = await StartAsync(("BatchWindow", "00:00:00.200"));
        await using var webhook = await FakeWebhook.StartAsync();
        await webhook.SubscribeAsync(simulator, Cloud, ",\"maxEventsPerBatch\":3,\"preferredBatchSizeInKilobytes\":1");
        var large = Event("large").Replace("\"data\":{}", $"\"data\":{{\"text\":\"{new string('x', 2_000)}\"}}", StringComparison.Ordinal);

        await simulator.PostAsync("/simulate/events", $"[{Event("a")},{Event("b")},{Event("c")},{Event("d")},{large}]");
        await webhook.UntilAsync(events => events.Count == 5);

        Assert.All(webhook.Deliveries, request => Assert.Equal("application/cloudevents-batch+json; charset=utf-8", request.Headers["Content-Type"]));
        Assert.Contains(webhook.Deliveries, request => JsonNode.Parse(request.Body)?.AsArray().Count is 2 or 3);
        Assert.All(webhook.Deliveries, request => Assert.InRange(JsonNode.Parse(request.Body)?.AsArray().Count ?? 0, 1, 3));
        Assert.Single(JsonNode.Parse(webhook.Deliveries.Single(request => request.Body.Contains("large", StringComparison.Ordinal)).Body)?.AsArray() ?? []);
    }

    [Fact]
    public async Task A_failed_delivery_is_retried_until_it_is_accepted()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        webhook.OnDelivery = Answer(number => number < 3 ? 500 : 200);
        await webhook.SubscribeAsync(simulator);

        await simulator.PostAsync("/simulate/events", Event("e-1"));
        var count = await CountAsync(simulator, found => (int?)found["delivered"] == 1);

        Assert.Equal(["0", "1", "2"], webhook.Deliveries.Select(request => request.Headers["aeg-delivery-count"]));
        Assert.Equal(2, (int?)count["failed"]);
        Assert.Equal(0, (int?)count["pending"]);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(413)]
    public async Task An_event_is_dropped_after_a_status_that_is_not_retried_if_there_is_no_dead_letter_destination(int status)
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        webhook.OnDelivery = Answer(_ => status);
        await webhook.SubscribeAsync(simulator);

        await simulator.PostAsync("/simulate/events", Event("e-1"));
        await CountAsync(simulator, found => (int?)found["dropped"] == 1);

        Assert.Single(webhook.Deliveries);
    }

    [Fact]
    public async Task After_the_last_attempt_the_event_is_dead_lettered_in_the_documented_form()
    {
        var sample = Reference.Read("events/deadletter/eventgrid.json");
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        webhook.OnDelivery = Answer(_ => 404);
        await webhook.SubscribeAsync(simulator, DeadLetter + ""","retryPolicy":{"maxDeliveryAttempts":1}""");

        await simulator.PostAsync("/simulate/events", Event("e-1"));
        await CountAsync(simulator, found => (int?)found["deadLettered"] == 1);
        var letter = (await simulator.ReadAsync("/dead-letters?subscription=test-hook"))[0];

        Assert.Empty(sample.MissingFrom(letter));
        Assert.Equal("MaxDeliveryAttemptsExceeded", (string?)letter?["deadLetterReason"]);
        Assert.Equal("NotFound", (string?)letter?["lastDeliveryOutcome"]);
        Assert.Equal(1, (int?)letter?["deliveryAttempts"]);
    }

    [Fact]
    public async Task A_dead_lettered_CloudEvent_has_lower_case_members()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        webhook.OnDelivery = Answer(_ => 400);
        await webhook.SubscribeAsync(simulator, DeadLetter + Cloud);

        await simulator.PostAsync("/simulate/events", Event("e-1"));
        await CountAsync(simulator, found => (int?)found["deadLettered"] == 1);
        var letter = (await simulator.ReadAsync("/dead-letters"))[0];

        Assert.Equal("BadRequest", (string?)letter?["lastdeliveryoutcome"]);
        Assert.NotNull(letter?["publishtime"]);
    }

    [Fact]
    public async Task An_event_older_than_its_time_to_live_is_dead_lettered_at_the_next_attempt()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        webhook.OnDelivery = Answer(_ => 500);
        await webhook.SubscribeAsync(simulator, DeadLetter + ""","retryPolicy":{"eventTimeToLiveInMinutes":1}""");

        await simulator.PostAsync("/simulate/events", Event("e-1"));
        await CountAsync(simulator, found => (int?)found["deadLettered"] == 1);
        var letter = (await simulator.ReadAsync("/dead-letters"))[0];

        Assert.Equal("TimeToLiveExceeded", (string?)letter?["deadLetterReason"]);
    }

    [Fact]
    public async Task A_delivery_is_retried_if_the_webhook_does_not_answer_in_time()
    {
        await using var simulator = await StartAsync(("WebhookTimeout", "00:00:00.200"));
        await using var webhook = await FakeWebhook.StartAsync();
        var silence = new TaskCompletionSource();
        await webhook.SubscribeAsync(simulator);
        webhook.OnDelivery = (_, number) => number == 1 ? silence.Task : Task.CompletedTask;

        await simulator.PostAsync("/simulate/events", Event("e-1"));
        await CountAsync(simulator, found => (int?)found["delivered"] == 1);
        silence.SetResult();

        Assert.Equal(2, webhook.Deliveries.Count);
    }

    [Fact]
    public async Task Static_dynamic_and_secret_attributes_become_headers()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        const string mappings = """
            ,"deliveryAttributeMappings":[{"name":"x-key","type":"Static","properties":{"value":"s3cret","isSecret":true}},{"name":"x-type","type":"Dynamic","properties":{"sourceField":"eventType"}}]
            """;
        var found = await webhook.SubscribeAsync(simulator, "", mappings);

        await simulator.PostAsync("/simulate/events", Event("e-1"));
        await webhook.UntilAsync(events => events.Count == 1);
        using var attributes = await simulator.PostAsync(Subscription + "/getDeliveryAttributes");

        Assert.Equal("s3cret", webhook.Deliveries[0].Headers["x-key"]);
        Assert.Equal("Microsoft.MachineLearningServices.RunCompleted", webhook.Deliveries[0].Headers["x-type"]);
        Assert.DoesNotContain("s3cret", found.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("Dynamic", (string?)(await attributes.JsonAsync())["value"]?[1]?["type"]);
    }

    [Fact]
    public async Task The_webhook_of_a_deleted_subscription_gets_a_deletion_notice_and_no_further_events()
    {
        await using var simulator = await StartAsync();
        await using var webhook = await FakeWebhook.StartAsync();
        await webhook.SubscribeAsync(simulator);

        using var deleted = await simulator.DeleteAsync(Subscription);
        using var gone = await simulator.DeleteAsync(Subscription);
        await webhook.UntilAsync(_ => webhook.Requests.Any(request => request.Kind == "SubscriptionDeletion"));
        using var published = await simulator.PostAsync("/simulate/events", Event("e-1"));

        Assert.Equal(StatusCodes.Status204NoContent, (int)gone.StatusCode);
        Assert.Equal(0, (int?)(await published.JsonAsync())["deliveries"]);
        var notice = JsonNode.Parse(webhook.Requests[^1].Body)?[0];
        Assert.Equal(Subscription, (string?)notice?["data"]?["eventSubscriptionId"]);
    }

    internal static string Event(string id) =>
        $$"""{"id":"{{id}}","subject":"experiments/x/runs/y","eventType":"Microsoft.MachineLearningServices.RunCompleted","eventTime":"2026-01-01T00:00:00Z","data":{},"dataVersion":"2"}""";

    internal static async Task<JsonNode> CountAsync(RunningSimulator simulator, Func<JsonNode, bool> wanted)
    {
        var state = await simulator.UntilAsync("/state", found => found["subscriptions"]?[0]?["deliveries"] is { } count && wanted(count));
        return state["subscriptions"]?[0]?["deliveries"] ?? throw new InvalidOperationException("There is no subscription.");
    }

    private static Func<HttpContext, int, Task> Answer(Func<int, int> status) => (http, number) =>
    {
        http.Response.StatusCode = status(number);
        return Task.CompletedTask;
    };
}
