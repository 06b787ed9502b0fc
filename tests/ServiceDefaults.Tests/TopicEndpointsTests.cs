using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

using Grpc.Core;

namespace MLEvents.ServiceDefaults.Tests;

public sealed class TopicEndpointsTests
{
    // daprd returns this error text of the Azure SDK for Go. The URL of the request, which the original text also contains, is left out here.
    private const string TooLargeForCosmos = "failed saving state in state store statestore: RESPONSE 413: 413 Request Entity Too Large\nERROR CODE: RequestEntityTooLarge";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Exception> TransientFaults =>
    [
        new Dapr.DaprException("state store unavailable"),
        new RpcException(new Status(StatusCode.Unavailable, "sidecar unavailable")),
        new HttpRequestException("refused"),
        new IOException("reset"),
        new SocketException(),
        new TimeoutException("late"),
        new TaskCanceledException("the client did not wait longer"),
        new AggregateException(new InvalidOperationException("a bug"), new TaskCanceledException("the client did not wait longer")),
        new AggregateException(new InvalidOperationException("a bug"), new Dapr.DaprException("state store unavailable")),
    ];

    public static TheoryData<Exception> PermanentFaults =>
    [
        new InvalidOperationException("a bug"),
        new Dapr.DaprException("the stored value cannot be read", new JsonException("no JSON")),
        new Dapr.DaprException("the message exceeds the limit of the sidecar", new RpcException(new Status(StatusCode.ResourceExhausted, "too large"))),
        new Dapr.DaprException("the value exceeds the limit of Cosmos DB", new RpcException(new Status(StatusCode.Internal, TooLargeForCosmos))),
        new RpcException(new Status(StatusCode.Internal, TooLargeForCosmos)),
        new AggregateException(new InvalidOperationException("a bug"), new InvalidOperationException("another")),
    ];

    [Fact]
    public async Task A_handled_message_is_acknowledged_and_the_handler_gets_its_id_and_its_unchanged_data()
    {
        await using var fixture = await TopicFixture.StartAsync(Token);

        var status = await fixture.DeliverAsync(TopicFixture.Message, Token);

        Assert.Equal("SUCCESS", status);
        var handled = Assert.Single(fixture.Handler.Handled);
        Assert.Equal(("e-1", """{"n":1.0}"""), (handled.Id, handled.Data.GetRawText()));
    }

    [Theory]
    [InlineData("{not json")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"specversion":"1.0","id":"\ud800","source":"/s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","source":"/s","type":"t"}""")]
    public async Task A_message_that_cannot_be_read_is_dead_lettered(string body)
    {
        await using var fixture = await TopicFixture.StartAsync(Token);

        var status = await fixture.DeliverAsync(body, Token);

        Assert.Equal("DROP", status);
        Assert.Empty(fixture.Handler.Handled);
    }

    [Theory]
    [MemberData(nameof(TransientFaults))]
    public async Task A_fault_that_affects_every_message_makes_the_sidecar_redeliver_the_message(Exception fault)
    {
        await using var fixture = await TopicFixture.StartAsync(Token, fault);

        Assert.Equal("RETRY", await fixture.DeliverAsync(TopicFixture.Message, Token));
    }

    [Theory]
    [MemberData(nameof(PermanentFaults))]
    public async Task A_fault_of_a_single_message_dead_letters_the_message_and_is_logged_as_an_error(Exception fault)
    {
        await using var fixture = await TopicFixture.StartAsync(Token, fault);
        fixture.Service.Expected = log => log.Exception == fault;

        var status = await fixture.DeliverAsync(TopicFixture.Message, Token);

        Assert.Equal("DROP", status);
        Assert.Contains(fixture.Service.Logs, log => log.Message.Contains("e-1", StringComparison.Ordinal) && log.Exception == fault);
    }

    [Fact]
    public async Task Every_subscription_has_the_dead_letter_topic()
    {
        await using var fixture = await TopicFixture.StartAsync(Token);

        var subscriptions = await fixture.Service.Sidecar.GetFromJsonAsync<JsonElement>("/dapr/subscribe", Token);

        var subscription = Assert.Single(subscriptions.EnumerateArray());
        Assert.Equal("pubsub", subscription.GetProperty("pubsubName").GetString());
        Assert.Equal("run-completed", subscription.GetProperty("topic").GetString());
        Assert.Equal("dead-letters", subscription.GetProperty("deadLetterTopic").GetString());
    }

    [Fact]
    public async Task A_subscription_is_a_bulk_subscription_by_default()
    {
        await using var fixture = await TopicFixture.StartAsync(Token);

        var subscriptions = await fixture.Service.Sidecar.GetFromJsonAsync<JsonElement>("/dapr/subscribe", Token);

        var bulk = Assert.Single(subscriptions.EnumerateArray()).GetProperty("bulkSubscribe");
        Assert.Equal((true, 50, 5), (bulk.GetProperty("enabled").GetBoolean(), bulk.GetProperty("maxMessagesCount").GetInt32(), bulk.GetProperty("maxAwaitDurationMs").GetInt32()));
    }

    [Fact]
    public async Task Without_bulk_delivery_a_subscription_receives_single_messages()
    {
        await using var fixture = await TopicFixture.StartAsync(Token, settings: ("Delivery:Bulk", "false"));

        var subscriptions = await fixture.Service.Sidecar.GetFromJsonAsync<JsonElement>("/dapr/subscribe", Token);

        var subscription = Assert.Single(subscriptions.EnumerateArray());
        Assert.False(subscription.TryGetProperty("bulkSubscribe", out var bulk) && bulk.ValueKind != JsonValueKind.Null);
        Assert.Equal("dead-letters", subscription.GetProperty("deadLetterTopic").GetString());
        Assert.Equal("SUCCESS", await fixture.DeliverAsync(TopicFixture.Message, Token));
    }
}
