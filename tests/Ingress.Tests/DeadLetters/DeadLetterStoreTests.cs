using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using MLEvents.Ingress.DeadLetters;

namespace MLEvents.Ingress.Tests.DeadLetters;

public sealed class DeadLetterStoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stored_message_is_found_with_its_bytes()
    {
        await using var fixture = await DeadLetterStoreFixture.StartAsync(Token);
        var message = DeadLetterStoreFixture.Message("torn") with { Topic = "run-completed", ContentType = "text/plain", Headers = new Dictionary<string, string> { ["ce-id"] = "1" }, Event = new("1", "t", "s", "/src") };

        await fixture.Store.StoreAsync(message, Encoding.UTF8.GetBytes("{torn"), Token);

        var stored = await fixture.Store.FindAsync(message.Id, Token);
        Assert.NotNull(stored);
        Assert.Equal(("torn", "run-completed", "text/plain", 5, new StoredEvent("1", "t", "s", "/src")), (stored.Reason, stored.Topic, stored.ContentType, stored.Size, stored.Event));
        Assert.Equal((fixture.Time.GetUtcNow(), fixture.Time.GetUtcNow(), true), (stored.ReceivedAt, stored.LastReceivedAt, stored.IsOpen));
        Assert.Equal("1", stored.Headers["ce-id"]);
        Assert.Equal("{torn", Encoding.UTF8.GetString(await fixture.Store.ReadBytesAsync(stored, Token) ?? []));
    }

    [Fact]
    public async Task A_message_larger_than_the_limit_of_some_stores_is_stored_completely()
    {
        await using var fixture = await DeadLetterStoreFixture.StartAsync(Token);
        var raw = RandomNumberGenerator.GetBytes((3 * 512 * 1024) + 1);

        await fixture.Store.StoreAsync(DeadLetterStoreFixture.Message("large"), raw, Token);

        var stored = await fixture.Store.FindAsync(DeadLetterStoreFixture.Message("large").Id, Token);
        Assert.Equal(raw, await fixture.Store.ReadBytesAsync(stored ?? throw new InvalidOperationException(), Token));
    }

    [Fact]
    public async Task A_message_that_is_delivered_several_times_is_stored_once()
    {
        await using var fixture = await DeadLetterStoreFixture.StartAsync(Token);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => fixture.StoreAsync("one", Token)));
        await fixture.StoreAsync("one", Token);

        Assert.Equal(["one"], await fixture.ListAsync(10, Token));
    }

    [Fact]
    public async Task A_message_that_was_stored_but_not_listed_before_a_crash_is_listed_when_it_is_redelivered()
    {
        await using var fixture = await DeadLetterStoreFixture.StartAsync(Token);
        await fixture.Dapr.SaveStateAsync("statestore", $"letters-{DeadLetterStoreFixture.Message("one").Id}", DeadLetterStoreFixture.Message("one"), cancellationToken: Token);

        Assert.Empty(await fixture.ListAsync(10, Token));
        await fixture.StoreAsync("one", Token);

        Assert.Equal(["one"], await fixture.ListAsync(10, Token));
    }

    [Fact]
    public async Task Pages_list_each_message_of_many_segments_exactly_once_with_the_newest_first()
    {
        await using var fixture = await DeadLetterStoreFixture.StartAsync(Token);
        var count = (2 * StoredMessageIndex.Capacity) + 7;
        for (var n = 0; n < count; n++)
        {
            await fixture.StoreAsync($"{n}", Token);
        }

        Assert.Equal(Enumerable.Range(0, count).Reverse().Select(n => $"{n}"), await fixture.ListAsync(11, Token));
    }

    [Fact]
    public async Task A_page_continues_where_the_previous_one_ended_although_messages_arrived_in_between()
    {
        await using var fixture = await DeadLetterStoreFixture.StartAsync(Token);
        await fixture.StoreAsync("1", Token);
        await fixture.StoreAsync("2", Token);
        await fixture.StoreAsync("3", Token);

        var first = await fixture.Store.ListAsync(2, null, _ => true, Token);
        await fixture.StoreAsync("4", Token);
        var second = await fixture.Store.ListAsync(2, first.Continuation, _ => true, Token);

        Assert.Equal(["3", "2"], first.Items.Select(message => message.Reason));
        Assert.Equal(["1"], second.Items.Select(message => message.Reason));
        Assert.Null(second.Continuation);
    }

    [Fact]
    public async Task Concurrent_writers_lose_no_message()
    {
        await using var fixture = await DeadLetterStoreFixture.StartAsync(Token);

        await Task.WhenAll(Enumerable.Range(0, 12).Select(n => fixture.StoreAsync($"{n}", Token)));

        Assert.Equal(Enumerable.Range(0, 12).Select(n => $"{n}").Order(), (await fixture.ListAsync(50, Token)).Order());
    }

    [Fact]
    public async Task A_replayed_message_is_not_open_until_it_is_redelivered_and_is_then_the_newest()
    {
        await using var fixture = await DeadLetterStoreFixture.StartAsync(Token);
        await fixture.StoreAsync("old", Token);
        await fixture.StoreAsync("new", Token);
        fixture.Time.Advance(TimeSpan.FromMinutes(1));
        var replayed = await fixture.Store.ReplayedAsync(await fixture.FindAsync("old", Token), by: null, Token);
        Assert.Equal(["new"], await fixture.ListAsync(10, Token, message => message.IsOpen));

        fixture.Time.Advance(TimeSpan.FromMinutes(1));
        for (var n = 0; n < StoredMessageIndex.Capacity; n++)
        {
            await fixture.StoreAsync($"{n}", Token);
        }

        await fixture.StoreAsync("old", Token);

        Assert.Equal(fixture.Time.GetUtcNow() - TimeSpan.FromMinutes(1), replayed?.ReplayedAt);
        var open = await fixture.ListAsync(200, Token, message => message.IsOpen);
        Assert.Equal("old", open[0]);
        Assert.Single(open, reason => reason == "old");
        Assert.Equal(StoredMessageIndex.Capacity + 2, open.Count);
    }

    [Fact]
    public async Task A_message_that_is_redelivered_during_its_replay_stays_open()
    {
        await using var fixture = await DeadLetterStoreFixture.StartAsync(Token);
        await fixture.StoreAsync("one", Token);
        var replaying = await fixture.FindAsync("one", Token);

        await fixture.StoreAsync("one", Token);
        await fixture.Store.ReplayedAsync(replaying, by: null, Token);

        Assert.Equal(["one"], await fixture.ListAsync(10, Token, message => message.IsOpen));
    }

    [Fact]
    public async Task The_bytes_of_concurrent_deliveries_of_one_message_are_not_mixed()
    {
        await using var fixture = await DeadLetterStoreFixture.StartAsync(Token);

        await Task.WhenAll(Enumerable.Range(1, 8).Select(n => fixture.Store.StoreAsync(DeadLetterStoreFixture.Message("one"), Encoding.UTF8.GetBytes(new string((char)('0' + n), n)), Token)));

        var raw = Encoding.UTF8.GetString(await fixture.Store.ReadBytesAsync(await fixture.FindAsync("one", Token), Token) ?? []);
        Assert.Equal(new string(raw[0], raw[0] - '0'), raw);
    }

    [Fact]
    public async Task A_record_of_version_1_is_read_and_updated_to_the_current_version()
    {
        await using var fixture = await DeadLetterStoreFixture.StartAsync(Token);
        var id = DeadLetterStoreFixture.Message("one").Id;
        var old = JsonSerializer.SerializeToElement(new { version = 1, id, reason = "one", size = 3, receivedAt = "2026-01-01T00:00:00Z", lastReceivedAt = "2026-01-01T00:00:00Z", replayedAt = "2026-02-01T00:00:00Z" });
        await fixture.Dapr.SaveStateAsync("statestore", $"letters-{id}", old, cancellationToken: Token);
        await fixture.Dapr.SaveStateAsync("statestore", $"letters-{id}-0", "old"u8.ToArray(), cancellationToken: Token);
        var read = await fixture.FindAsync("one", Token);
        var bytes = await fixture.Store.ReadBytesAsync(read, Token);

        await fixture.StoreAsync("one", Token);

        var now = await fixture.FindAsync("one", Token);
        Assert.Equal((false, true, 2), (read.IsOpen, now.IsOpen, now.Version));
        Assert.Equal("old"u8.ToArray(), bytes);
        Assert.Equal("one"u8.ToArray(), await fixture.Store.ReadBytesAsync(now, Token));
    }

    [Fact]
    public async Task A_record_of_a_newer_version_is_not_changed_and_its_message_is_not_acknowledged()
    {
        await using var fixture = await DeadLetterStoreFixture.StartAsync(Token);
        var key = $"letters-{DeadLetterStoreFixture.Message("one").Id}";
        var newer = JsonSerializer.SerializeToElement(new { version = 3, id = DeadLetterStoreFixture.Message("one").Id, reason = "one", lastReceivedAt = "2026-01-01T00:00:00Z", replayedAt = "2026-02-01T00:00:00Z", more = "of it" });
        await fixture.Dapr.SaveStateAsync("statestore", key, newer, cancellationToken: Token);

        await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.StoreAsync("one", Token));
        await fixture.Store.ReplayedAsync(DeadLetterStoreFixture.Message("one"), by: null, Token);

        Assert.Equal(newer.GetRawText(), (await fixture.Dapr.GetStateAsync<JsonElement>("statestore", key, cancellationToken: Token)).GetRawText());
    }

    [Fact]
    public async Task A_segment_that_expired_ends_the_list()
    {
        await using var fixture = await DeadLetterStoreFixture.StartAsync(Token);
        for (var n = 0; n <= StoredMessageIndex.Capacity; n++)
        {
            await fixture.StoreAsync($"{n}", Token);
        }

        await fixture.Dapr.DeleteStateAsync("statestore", "letters-index-0", cancellationToken: Token);

        Assert.Equal([$"{StoredMessageIndex.Capacity}"], await fixture.ListAsync(10, Token));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("1.-1")]
    [InlineData("99999999999999.1")]
    public async Task An_invalid_continuation_is_refused(string continuation)
    {
        await using var fixture = await DeadLetterStoreFixture.StartAsync(Token);

        var refusal = await Assert.ThrowsAsync<FormatException>(() => fixture.Store.ListAsync(1, continuation, _ => true, Token));

        Assert.Contains(continuation, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("index")]
    [InlineData("../../statestore")]
    public async Task A_text_that_is_not_an_id_finds_no_message(string id)
    {
        await using var fixture = await DeadLetterStoreFixture.StartAsync(Token);
        await fixture.StoreAsync("one", Token);

        Assert.Null(await fixture.Store.FindAsync(id, Token));
    }

    [Fact]
    public async Task ReadBytesAsync_returns_null_if_the_bytes_no_longer_exist()
    {
        await using var fixture = await DeadLetterStoreFixture.StartAsync(Token);
        await fixture.StoreAsync("one", Token);
        var stored = await fixture.FindAsync("one", Token);

        await fixture.Dapr.DeleteStateAsync("statestore", $"letters-{stored.Id}-{stored.Bytes}-0", cancellationToken: Token);

        Assert.Null(await fixture.Store.ReadBytesAsync(stored, Token));
    }
}
