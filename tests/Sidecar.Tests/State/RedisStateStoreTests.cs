using System.Globalization;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.State.Redis;
using MLEvents.Local.Sidecar.Tests.Infrastructure;

using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(RedisServer))]

namespace MLEvents.Local.Sidecar.Tests.State;

public sealed class RedisStateStoreTests : StateStoreContract, IAsyncLifetime
{
    private readonly RedisServer _server;
    private readonly int _number;
    private readonly RedisStateStore _store;
    private ConnectionMultiplexer? _direct;

    public RedisStateStoreTests(RedisServer server)
    {
        (_server, _number) = (server, server.NextDatabase());
        _store = new RedisStateStore(Options, Time);
    }

    protected override IStateStore Store => _store;

    private RedisStateOptions Options => new() { Host = _server.Host, Database = _number };

    private IDatabase Direct => (_direct ?? throw new InvalidOperationException("not initialized")).GetDatabase(_number);

    public async ValueTask InitializeAsync()
    {
        await _server.StartOrSkipAsync();
        _direct = await ConnectionMultiplexer.ConnectAsync(_server.Host);
        await _store.InitializeAsync(Token);
    }

    [Fact]
    public async Task A_value_is_stored_as_daprd_stores_it()
    {
        await SaveAsync(Upsert("a", "1"));
        await SaveAsync(Upsert("a", "2"));
        await SaveAsync(Upsert("b", "1", null, StateConcurrency.FirstWrite));

        Assert.Equal(["data 2", "version 2"], await FieldsAsync("a"));
        Assert.Equal(["data 1", "first-write 0", "version 1"], await FieldsAsync("b"));
        Assert.Equal("2", await ETagAsync("a"));
    }

    [Fact]
    public async Task Values_that_daprd_stored_can_be_read_and_written()
    {
        await Direct.HashSetAsync("a", [new("data", "{\"x\":1}"), new("version", 41)]);

        var before = await Store.GetAsync("a", Token);
        var saved = await SaveAsync(Upsert("a", "2", "41"));

        Assert.Equal(("41", "{\"x\":1}", StateOutcome.Done), (before?.ETag, Text(before), saved));
        Assert.Equal("42", await ETagAsync("a"));
    }

    [Fact]
    public async Task The_time_to_live_of_the_component_applies_to_values_without_their_own_time_to_live()
    {
        await using var store = await OpenAsync(Options with { TimeToLive = TimeSpan.FromHours(1) });

        await store.ApplyAsync([Upsert("a", "1"), Upsert("b", "1") with { TimeToLive = TimeSpan.FromHours(3) }], Token);

        Assert.InRange(await LeftAsync("a"), TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));
        Assert.InRange(await LeftAsync("b"), TimeSpan.FromHours(2), TimeSpan.FromHours(3));
    }

    [Fact]
    public async Task Reads_and_writes_of_a_key_with_another_Redis_type_fail()
    {
        await Direct.ListRightPushAsync("a", "1");

        await Assert.ThrowsAsync<StateStoreException>(() => Store.GetAsync("a", Token));
        await Assert.ThrowsAsync<StateStoreException>(() => SaveAsync(Upsert("a", "2")));
    }

    [Fact]
    public async Task Stores_on_different_databases_of_a_server_are_separate()
    {
        await using var other = await OpenAsync(Options with { Database = _server.NextDatabase() });

        await SaveAsync(Upsert("a", "1"));

        Assert.Null(await other.GetAsync("a", Token));
    }

    [Fact]
    public async Task A_closed_store_refuses_writes()
    {
        await Store.DisposeAsync();

        await Assert.ThrowsAsync<StateStoreException>(() => SaveAsync(Upsert("a", "2")));
    }

    [Fact]
    public async Task A_connection_that_is_established_after_the_start_was_cancelled_is_closed()
    {
        await using var server = new RedisServer();
        await server.StartOrSkipAsync();
        // Without SUBSCRIBE, this client has only one connection, which is open before the first count.
        await using var direct = await ConnectionMultiplexer.ConnectAsync($"{server.Host},$SUBSCRIBE=,allowAdmin=true");
        var before = await CountConnectionsAsync(direct);
        await using var store = new RedisStateStore(new RedisStateOptions { Host = server.Host }, Time);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.InitializeAsync(new CancellationToken(canceled: true)));

        await Poll.UntilAsync(_ => CountConnectionsAsync(direct), count => count.Received > before.Received, Token);
        await Poll.UntilAsync(_ => CountConnectionsAsync(direct), count => count.Open <= before.Open, Token);
    }

    // The clock of the server cannot be set. This method therefore reduces the remaining time of the value 'a'.
    protected override async Task ElapseAsync(TimeSpan time)
    {
        if (await Direct.KeyTimeToLiveAsync("a") is { } left)
        {
            await Direct.KeyExpireAsync("a", left - time);
        }
    }

    protected override async ValueTask DisposeCoreAsync()
    {
        await base.DisposeCoreAsync();
        await _store.DisposeAsync();
        if (_direct is not null)
        {
            await _direct.DisposeAsync();
        }
    }

    private async Task<RedisStateStore> OpenAsync(RedisStateOptions options)
    {
        var store = new RedisStateStore(options, Time);
        await store.InitializeAsync(Token);
        return store;
    }

    private async Task<IEnumerable<string>> FieldsAsync(string key) =>
        (await Direct.HashGetAllAsync(key)).Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Name} {entry.Value}")).Order(StringComparer.Ordinal);

    private static async Task<(long Received, long Open)> CountConnectionsAsync(ConnectionMultiplexer direct)
    {
        var info = (await direct.GetServers()[0].InfoAsync()).SelectMany(section => section).ToList();
        return (Number("total_connections_received"), Number("connected_clients"));

        long Number(string name) => long.Parse(info.First(item => item.Key == name).Value, CultureInfo.InvariantCulture);
    }

    private async Task<TimeSpan> LeftAsync(string key) => await Direct.KeyTimeToLiveAsync(key) ?? throw new InvalidOperationException($"{key} does not expire");
}
