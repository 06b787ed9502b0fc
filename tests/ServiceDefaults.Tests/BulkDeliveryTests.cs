using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Tests.Common;

namespace MLEvents.ServiceDefaults.Tests;

public sealed class BulkDeliveryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_entry_has_the_status_of_its_own_outcome()
    {
        await using var fixture = await TopicFixture.StartAsync(
            new StubHandler((message, _) => message.Id switch
            {
                "store-away" => Task.FromException(new Dapr.DaprException("the state store is unavailable")),
                "bug" => Task.FromException(new InvalidOperationException("a bug")),
                _ => Task.CompletedTask,
            }),
            Token);
        fixture.Service.Expected = log => log.Exception is InvalidOperationException;

        var statuses = await fixture.DeliverBulkAsync(
            [("1", Message("fine")), ("2", Message("store-away")), ("3", Message("bug")), ("4", "{}"), ("5", "\"dGV4dA==\""), ("6", Message("also-fine"))], Token);

        Assert.Equal(
            new Dictionary<string, string?> { ["1"] = "SUCCESS", ["2"] = "RETRY", ["3"] = "DROP", ["4"] = "DROP", ["5"] = "DROP", ["6"] = "SUCCESS" },
            statuses);
    }

    [Fact]
    public async Task The_handler_gets_the_complete_event_of_an_entry()
    {
        await using var fixture = await TopicFixture.StartAsync(Token);

        await fixture.DeliverBulkAsync([("1", TopicFixture.Message)], Token);

        var handled = Assert.Single(fixture.Handler.Handled);
        Assert.Equal(TopicFixture.Message, handled.Envelope.GetRawText());
    }

    [Fact]
    public async Task A_bulk_message_without_entries_is_answered_without_statuses()
    {
        await using var fixture = await TopicFixture.StartAsync(Token);

        Assert.Empty(await fixture.DeliverBulkAsync([], Token));
    }

    [Fact]
    public async Task Entries_are_handled_at_the_same_time_up_to_the_limit()
    {
        var (busy, most, counting, full, gate) = (0, 0, new Lock(), new TaskCompletionSource(), new TaskCompletionSource());
        await using var fixture = await TopicFixture.StartAsync(
            new StubHandler(async (_, _) =>
            {
                var now = Interlocked.Increment(ref busy);
                lock (counting)
                {
                    most = Math.Max(most, now);
                }

                if (now == BulkDelivery.MaxConcurrent)
                {
                    full.TrySetResult();
                }

                await gate.Task;
                Interlocked.Decrement(ref busy);
            }),
            Token);

        var delivery = fixture.DeliverBulkAsync(Enumerable.Range(0, BulkDelivery.MaxMessages).Select(n => ($"{n}", Message($"e-{n}"))), Token);
        await full.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
        gate.SetResult();

        Assert.All(await delivery, status => Assert.Equal("SUCCESS", status.Value));
        Assert.Equal((BulkDelivery.MaxMessages, BulkDelivery.MaxConcurrent), (fixture.Handler.Handled.Count, most));
    }

    [Fact]
    public async Task Bulk_messages_are_handled_at_the_same_time_up_to_the_limit()
    {
        var (busy, gate) = (0, new TaskCompletionSource());
        await using var fixture = await TopicFixture.StartAsync(
            new StubHandler(async (_, _) =>
            {
                Interlocked.Increment(ref busy);
                await gate.Task;
            }),
            Token);
        var slots = fixture.Handler.Services.GetRequiredService<DeliverySlots>();

        var deliveries = Enumerable.Range(0, DeliverySlots.Max + 2).Select(n => fixture.DeliverBulkAsync([($"{n}", Message($"e-{n}"))], Token)).ToList();
        await Poll.UntilAsync(() => slots.Waiting == 2 && Volatile.Read(ref busy) == DeliverySlots.Max, Token);
        gate.SetResult();

        Assert.All(await Task.WhenAll(deliveries), statuses => Assert.Equal("SUCCESS", Assert.Single(statuses).Value));
        Assert.Equal(DeliverySlots.Max + 2, busy);
    }

    [Fact]
    public async Task A_bulk_message_that_cannot_be_read_releases_its_slot()
    {
        await using var fixture = await TopicFixture.StartAsync(Token);

        for (var delivery = 0; delivery <= DeliverySlots.Max; delivery++)
        {
            Assert.Equal("DROP", await fixture.DeliverAsync("{", Token));
        }
    }

    [Fact]
    public async Task Entries_whose_handling_does_not_begin_in_time_are_answered_with_RETRY()
    {
        var time = new FakeTimeProvider();
        await using var fixture = await TopicFixture.StartAsync(
            new StubHandler((message, _) =>
            {
                time.Advance(message.Id == "e-2" ? BulkDelivery.MaxWait : TimeSpan.Zero);
                return Task.CompletedTask;
            }),
            Token,
            time: time);

        var statuses = await fixture.DeliverBulkAsync(Enumerable.Range(1, 4).Select(n => ($"{n}", Message($"e-{n}"))), Token);

        Assert.Equal(["SUCCESS", "SUCCESS", "RETRY", "RETRY"], statuses.OrderBy(status => status.Key).Select(status => status.Value));
        Assert.Equal(2, fixture.Handler.Handled.Count);
        Assert.Single(
            fixture.Service.Logs, log => log.Message == "2 messages on run-completed were answered RETRY: other messages of the same delivery were not handled within 2 s");
    }

    // Kestrel refuses bodies over 30 MB by default. The sidecar would redeliver a refused bulk message without end.
    [Fact]
    public async Task A_bulk_message_of_many_large_messages_is_accepted()
    {
        await using var fixture = await TopicFixture.StartAsync(Token);
        var large = TopicFixture.Message.Replace("\"n\":1.0", $"\"n\":1.0,\"text\":\"{new string('x', 2_000_000)}\"", StringComparison.Ordinal);

        var statuses = await fixture.DeliverBulkAsync(Enumerable.Range(0, 20).Select(n => ($"{n}", large)), Token);

        Assert.Equal(20, statuses.Count(status => status.Value == "SUCCESS"));
    }

    private static string Message(string id) => TopicFixture.Message.Replace("e-1", id, StringComparison.Ordinal);
}
