using System.Globalization;
using System.Text.Json;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

using MLEvents.Local.Sidecar.PubSub.Broker;
using MLEvents.Local.Sidecar.State.Sqlite;
using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.PubSub;

/// <summary>Failures of the broker's database or of a consumer: no accepted message is lost, no message is stored twice, and the broker continues.</summary>
public sealed class BrokerFaultTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TaskCompletionSource _release = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_broker_on_a_full_disk_refuses_messages_but_loses_none_and_accepts_messages_again_when_space_is_free()
    {
        using var connection = Open();
        Execute(connection, BrokerSchema.Create + "PRAGMA max_page_count = 40");
        var taken = 0;
        await using (var engine = Engine(connection))
        {
            var full = await Assert.ThrowsAsync<SqliteException>(async () =>
            {
                for (; taken < 1_000; taken++)
                {
                    await PublishAsync(engine, new byte[10_000]);
                }
            });
            Assert.Equal((SQLitePCL.raw.SQLITE_FULL, true), (full.SqliteErrorCode, taken > 0));
            await Assert.ThrowsAsync<SqliteException>(() => PublishAsync(engine, new byte[10_000]));
            await RaiseLimitAsync(engine, connection);

            await PublishAsync(engine, [1]);
            var group = await engine.RunAsync(store => store.Group("t", "g"));

            Assert.Equal(taken + 1, (await engine.RunAsync(store => store.Claim(group, "me", ClaimLimit.Create(1, 1_000), 0, 1))).Messages.Count);
        }
    }

    [Fact]
    public async Task A_failed_operation_does_not_affect_the_operations_that_wait_at_the_same_time()
    {
        using var connection = Open();
        Execute(connection, BrokerSchema.Create);
        await using var engine = Engine(connection);
        using var gate = new ManualResetEventSlim();
        var first = engine.RunAsync(_ => gate.Wait(TimeSpan.FromSeconds(10), Token));
        var good = PublishAsync(engine, [1]);
        var bad = engine.RunAsync<bool>(_ => throw new KeyNotFoundException());
        gate.Set();

        await first;
        await good;

        await Assert.ThrowsAsync<KeyNotFoundException>(() => bad);
        Assert.Equal(1, (await engine.RunAsync(store => store.Backlog()))[0].Waiting);
    }

    [Fact]
    public async Task A_bulk_publish_is_one_transaction_and_publishes_that_wait_at_the_same_time_share_a_transaction()
    {
        using var connection = Open();
        Execute(connection, BrokerSchema.Create);
        await using var engine = Engine(connection);
        await engine.PublishAsync("t", [.. Enumerable.Repeat(new BrokerMessage([1], new Dictionary<string, string>()), 100)], null);
        var bulk = engine.Commits;
        using var gate = new ManualResetEventSlim();
        var first = engine.RunAsync(_ => gate.Wait(TimeSpan.FromSeconds(10), Token));
        var singles = Task.WhenAll(Enumerable.Range(0, 100).Select(_ => PublishAsync(engine, [1])));
        gate.Set();

        await first;
        await singles;

        Assert.Equal(1, bulk);
        Assert.InRange(engine.Commits - bulk, 1, 2);
        Assert.Equal(200, (await engine.RunAsync(store => store.Backlog()))[0].Waiting);
    }

    [Fact]
    public async Task A_dead_letter_is_stored_and_the_original_message_is_settled_in_one_transaction()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("rps", "t", ",\"deadLetterTopic\":\"dead\""));
        app.Answer = (_, _) => Task.FromResult((404, ""));
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers("processingTimeout: 100ms"));
        using var connection = Open();
        Execute(connection, "CREATE TRIGGER crash BEFORE DELETE ON leases BEGIN SELECT RAISE(ABORT, 'crash'); END");

        await sidecar.Dapr.PublishEventAsync("rps", "t", 1, Token);
        await sidecar.WaitForLogAsync("could not be stored");
        var before = DeadLetters(connection);
        Execute(connection, "DROP TRIGGER crash");
        await sidecar.WaitForIdleAsync();

        Assert.Equal((0, 1), (before, DeadLetters(connection)));
    }

    [Fact]
    public async Task Retries_end_when_another_consumer_has_leased_the_message()
    {
        const string Policy = """
            kind: Resiliency
            metadata: {name: r}
            spec:
              policies: {retries: {r: {policy: constant, duration: 10ms, maxRetries: -1}}}
              targets: {components: {rps: {inbound: {retry: r}}}}
            """;
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("rps", "t"));
        var second = new TaskCompletionSource();
        app.Answer = async (_, aborted) =>
        {
            if (app.Deliveries.Count > 1)
            {
                second.TrySetResult();
                await _release.Task.WaitAsync(aborted);
                return (200, "");
            }

            await second.Task.WaitAsync(aborted);
            return (500, "");
        };
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers("processingTimeout: 2s") + Policy);

        await sidecar.Dapr.PublishEventAsync("rps", "t", 1, Token);
        await sidecar.WaitForLogAsync("was not handled");
        _release.SetResult();
        await sidecar.WaitForIdleAsync();

        Assert.Equal(2, app.Deliveries.Count);
    }

    [Fact]
    public async Task The_lease_of_a_failed_message_is_deleted_when_maxLenApprox_deletes_the_message()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("rps", "t"));
        app.Answer = (_, _) => Task.FromResult((500, ""));
        await using var sidecar = await TestSidecar.StartAsync(_folder, app, Yaml.Brokers("maxLenApprox: 2", "redeliverInterval: 1h"));

        await sidecar.Dapr.BulkPublishEventAsync("rps", "t", Enumerable.Range(0, 2).ToList(), cancellationToken: Token);
        await app.WaitForAsync(2);
        await sidecar.WaitForIdleAsync(inFlight: 2);
        await sidecar.Dapr.BulkPublishEventAsync("rps", "t", Enumerable.Range(2, 2).ToList(), cancellationToken: Token);
        await app.WaitForAsync(4);

        await sidecar.WaitForIdleAsync(inFlight: 2);
    }

    [Fact]
    public async Task A_subscription_starts_as_soon_as_a_locked_broker_is_free()
    {
        await (await TestSidecar.StartAsync(_folder, null, Yaml.Brokers())).DisposeAsync();
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("rps", "t"));
        using var connection = Open();
        Execute(connection, "BEGIN IMMEDIATE");
        await using var sidecar = await TestSidecar.StartUnreadyAsync(_folder, app.Port, Yaml.Brokers("busyTimeout: 10"));

        await sidecar.WaitForLogAsync("could not store the subscription to topic t");
        Execute(connection, "ROLLBACK");
        await sidecar.WaitUntilReadyAsync();
        await sidecar.Dapr.PublishEventAsync("rps", "t", 7, Token);

        using var envelope = JsonDocument.Parse(Assert.Single(await app.WaitForAsync(1)).Body);
        Assert.Equal(7, envelope.RootElement.GetProperty("data").GetInt32());
    }

    [Theory]
    [InlineData("1@1")]
    [InlineData("x/y/z")]
    public void A_lease_owner_in_an_unknown_format_counts_as_ended(string owner) => Assert.False(LeaseOwner.IsAlive(owner));

    [Fact]
    public void This_process_and_processes_of_other_machines_count_as_alive_and_a_process_with_a_reused_id_does_not()
    {
        var parts = LeaseOwner.Current.Split('/');

        Assert.True(LeaseOwner.IsAlive(LeaseOwner.Current));
        Assert.True(LeaseOwner.IsAlive("elsewhere/1/1"));
        Assert.False(LeaseOwner.IsAlive($"{parts[0]}/{parts[1]}/1"));
    }

    private static BrokerEngine Engine(SqliteConnection connection) => new(connection, sharedFile: null, TimeProvider.System, NullLogger.Instance);

    private static Task PublishAsync(BrokerEngine engine, byte[] data) => engine.PublishAsync("t", [new BrokerMessage(data, new Dictionary<string, string>())], null);

    /// <summary>
    /// Raises the size limit of the database. The statements run in the engine's loop: they commit the transaction that the engine has begun,
    /// raise the limit, and begin another transaction for the engine.
    /// </summary>
    private static Task<bool> RaiseLimitAsync(BrokerEngine engine, SqliteConnection connection) => engine.RunAsync(_ =>
    {
        Execute(connection, "COMMIT; PRAGMA max_page_count = 10000; BEGIN IMMEDIATE");
        return true;
    });

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = SqliteDatabase.Command(connection, sql);
        command.ExecuteNonQuery();
    }

    private static int DeadLetters(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM messages WHERE topic = 'dead'";
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={_folder.Path}/broker.db;Pooling=false");
        connection.Open();
        return connection;
    }
}
