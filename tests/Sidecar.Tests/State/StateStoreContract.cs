using System.Text;

using Microsoft.Extensions.Time.Testing;

using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.Tests.State;

/// <summary>The tests that every state store must pass.</summary>
public abstract class StateStoreContract : IAsyncDisposable
{
    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    protected abstract IStateStore Store { get; }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_missing_key_has_no_value() => Assert.Null(await Store.GetAsync("a", Token));

    [Theory]
    [InlineData("")]
    [InlineData("{\"n\": 1.0, \"big\":12345678901234567890}")]
    [InlineData("\0\u0001 not json")]
    public async Task A_value_is_read_byte_for_byte(string text)
    {
        await SaveAsync(Upsert("a", text));

        Assert.Equal(text, Text(await Store.GetAsync("a", Token)));
    }

    [Fact]
    public async Task Each_save_gives_a_new_etag()
    {
        await SaveAsync(Upsert("a", "1"));
        var first = await ETagAsync("a");
        await SaveAsync(Upsert("a", "1"));

        Assert.NotEqual(first, await ETagAsync("a"));
    }

    [Fact]
    public async Task The_current_etag_allows_a_save_and_a_delete()
    {
        await SaveAsync(Upsert("a", "1"));

        var saved = await SaveAsync(Upsert("a", "2", await ETagAsync("a")));
        var deleted = await SaveAsync(Delete("a", await ETagAsync("a")));

        Assert.Equal((StateOutcome.Done, StateOutcome.Done), (saved, deleted));
        Assert.Null(await Store.GetAsync("a", Token));
    }

    [Theory]
    [InlineData(StateConcurrency.Unspecified)]
    [InlineData(StateConcurrency.FirstWrite)]
    [InlineData(StateConcurrency.LastWrite)]
    public async Task A_stale_etag_is_refused_regardless_of_the_concurrency(StateConcurrency concurrency)
    {
        await SaveAsync(Upsert("a", "1"));
        var stale = await ETagAsync("a");
        await SaveAsync(Upsert("a", "2"));

        var saved = await SaveAsync(Upsert("a", "3", stale, concurrency));
        var deleted = await SaveAsync(new StateDelete("a", stale, concurrency));

        Assert.Equal((StateOutcome.ETagMismatch, StateOutcome.ETagMismatch), (saved, deleted));
        Assert.Equal("2", Text(await Store.GetAsync("a", Token)));
    }

    [Fact]
    public async Task An_etag_on_a_missing_key_is_refused()
    {
        Assert.Equal(StateOutcome.ETagMismatch, await SaveAsync(Upsert("a", "1", "1")));
        Assert.Equal(StateOutcome.ETagMismatch, await SaveAsync(Delete("a", "1")));
        Assert.Null(await Store.GetAsync("a", Token));
    }

    [Fact]
    public async Task A_first_write_without_an_etag_succeeds_once()
    {
        var first = await SaveAsync(Upsert("a", "1", null, StateConcurrency.FirstWrite));
        var second = await SaveAsync(Upsert("a", "2", null, StateConcurrency.FirstWrite));

        Assert.Equal((StateOutcome.Done, StateOutcome.AlreadyExists), (first, second));
        Assert.Equal("1", Text(await Store.GetAsync("a", Token)));
    }

    [Fact]
    public async Task Deleting_a_missing_key_succeeds() => Assert.Equal(StateOutcome.Done, await SaveAsync(Delete("a")));

    [Fact]
    public async Task One_refused_save_does_not_stop_the_others()
    {
        var outcomes = await Store.ApplyAsync([Upsert("a", "1"), Upsert("b", "1", "stale"), Upsert("c", "1")], Token);

        Assert.Equal([StateOutcome.Done, StateOutcome.ETagMismatch, StateOutcome.Done], outcomes);
        Assert.Equal(["a", "c"], (await Store.GetManyAsync(["a", "b", "c"], Token)).Select(item => item.Key));
    }

    [Fact]
    public async Task A_transaction_applies_all_its_operations()
    {
        await SaveAsync(Upsert("a", "1"));

        var outcome = await Store.TransactAsync([Upsert("b", "1"), Delete("a"), Upsert("b", "2")], Token);

        Assert.Equal(StateOutcome.Done, outcome);
        Assert.Equal(["b"], (await Store.GetManyAsync(["a", "b"], Token)).Select(item => item.Key));
        Assert.Equal("2", Text(await Store.GetAsync("b", Token)));
    }

    [Theory]
    [InlineData(true, StateOutcome.ETagMismatch)]
    [InlineData(false, StateOutcome.AlreadyExists)]
    public async Task A_refused_transaction_changes_nothing(bool withETag, StateOutcome expected)
    {
        await SaveAsync(Upsert("a", "1"));
        var etag = await ETagAsync("a");

        var outcome = await Store.TransactAsync(
            [Upsert("new", "1"), Upsert("a", "2"), Delete("a"), Upsert("a", "3"), Upsert("a", "4", withETag ? "stale" : null, StateConcurrency.FirstWrite)], Token);

        Assert.Equal(expected, outcome);
        Assert.Equal((etag, "1"), (await ETagAsync("a"), Text(await Store.GetAsync("a", Token))));
        Assert.Null(await Store.GetAsync("new", Token));
    }

    [Fact]
    public async Task An_expired_value_behaves_like_a_missing_value()
    {
        await SaveAsync(Upsert("a", "1") with { TimeToLive = TimeSpan.FromSeconds(2) });
        var item = await Store.GetAsync("a", Token);
        await ElapseAsync(TimeSpan.FromSeconds(2));

        // A Redis server measures the remaining time with its own clock, in milliseconds. A difference of one second is therefore allowed.
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 2, TimeSpan.Zero), item?.ExpiresAt ?? default, TimeSpan.FromSeconds(1));
        Assert.Null(await Store.GetAsync("a", Token));
        Assert.Empty(await Store.GetManyAsync(["a"], Token));
        Assert.Equal(StateOutcome.ETagMismatch, await SaveAsync(Upsert("a", "2", item?.ETag)));
        Assert.Equal(StateOutcome.Done, await SaveAsync(Upsert("a", "2", null, StateConcurrency.FirstWrite)));
    }

    [Fact]
    public async Task A_save_without_a_time_to_live_removes_the_previous_time_to_live()
    {
        await SaveAsync(Upsert("a", "1") with { TimeToLive = TimeSpan.FromSeconds(2) });
        await SaveAsync(Upsert("a", "2"));
        await ElapseAsync(TimeSpan.FromDays(1));

        Assert.Equal((null, "2"), ((await Store.GetAsync("a", Token))?.ExpiresAt, Text(await Store.GetAsync("a", Token))));
    }

    [Fact]
    public async Task Exactly_one_of_many_concurrent_first_writes_succeeds()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(
            writer => Task.Run(() => SaveAsync(Upsert("a", $"{writer}", null, StateConcurrency.FirstWrite)), Token)));

        Assert.Single(outcomes, StateOutcome.Done);
        Assert.Equal($"{Array.IndexOf(outcomes, StateOutcome.Done)}", Text(await Store.GetAsync("a", Token)));
    }

    [Fact]
    public async Task Concurrent_increments_with_etags_lose_no_increment()
    {
        await SaveAsync(Upsert("a", "0"));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => CountAsync(10), Token)));

        Assert.Equal("80", Text(await Store.GetAsync("a", Token)));
    }

    public async ValueTask DisposeAsync()
    {
        await DisposeCoreAsync();
        GC.SuppressFinalize(this);
    }

    protected static StateUpsert Upsert(string key, string value, string? etag = null, StateConcurrency concurrency = StateConcurrency.Unspecified) =>
        new(key, Encoding.UTF8.GetBytes(value), etag, concurrency, null);

    protected static string? Text(StateItem? item) => item is null ? null : Encoding.UTF8.GetString(item.Value.Span);

    /// <summary>Advances the time of the store.</summary>
    protected virtual Task ElapseAsync(TimeSpan time)
    {
        Time.Advance(time);
        return Task.CompletedTask;
    }

    protected virtual ValueTask DisposeCoreAsync() => Store.DisposeAsync();

    protected async Task<StateOutcome> SaveAsync(StateOperation operation) => Assert.Single(await Store.ApplyAsync([operation], Token));

    protected async Task<string?> ETagAsync(string key) => (await Store.GetAsync(key, Token))?.ETag;

    protected static StateDelete Delete(string key, string? etag = null) => new(key, etag, StateConcurrency.Unspecified);

    private async Task CountAsync(int times)
    {
        while (times > 0)
        {
            var item = await Store.GetAsync("a", Token);
            var next = int.Parse(Text(item) ?? "", System.Globalization.CultureInfo.InvariantCulture) + 1;
            times -= await SaveAsync(Upsert("a", $"{next}", item?.ETag)) == StateOutcome.Done ? 1 : 0;
        }
    }
}
