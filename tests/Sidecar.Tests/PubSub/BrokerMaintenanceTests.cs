using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Local.Sidecar.PubSub.Broker;

namespace MLEvents.Local.Sidecar.Tests.PubSub;

/// <summary>The broker's background work: it deletes old messages that no group has to read, and releases the leases of ended processes.</summary>
public sealed class BrokerMaintenanceTests
{
    private const int RetentionHours = 3;
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_of_a_topic_without_a_group_are_deleted_after_the_retention_period()
    {
        await using var engine = Engine();
        await PublishAsync(engine, "unread", 3);
        await RunHoursAsync(engine, RetentionHours);
        Assert.Equal(3, await WaitingAsync(engine));

        await PublishAsync(engine, "unread", 1);
        await RunHoursAsync(engine, 1);

        Assert.Equal(1, await WaitingAsync(engine));
    }

    [Fact]
    public async Task A_group_with_a_subscriber_keeps_its_messages_however_old_they_are()
    {
        await using var engine = Engine();
        var group = await engine.RunAsync(store => store.Group("t", "g"));
        await PublishAsync(engine, "t", 3);

        await RunHoursAsync(engine, 10 * RetentionHours, group);

        Assert.Equal(3, await WaitingAsync(engine));
    }

    [Fact]
    public async Task After_the_retention_period_a_group_without_a_subscriber_does_not_prevent_the_deletion_of_messages()
    {
        await using var engine = Engine();
        var reader = await engine.RunAsync(store => store.Group("t", "reader"));
        var gone = await engine.RunAsync(store => store.Group("t", "gone"));
        await PublishAsync(engine, "t", 3);
        await engine.RunAsync(store => store.Claim(gone, LeaseOwner.Current, ClaimLimit.Create(1, 1), 0, long.MaxValue));
        var claimed = await engine.RunAsync(store => store.Claim(reader, LeaseOwner.Current, ClaimLimit.Create(1, 10), 0, 1));
        foreach (var message in claimed.Messages)
        {
            await engine.RunAsync(store => store.SettleHeld(reader, message));
        }

        await RunHoursAsync(engine, RetentionHours + 1, reader);

        Assert.Equal(new Backlog("t", "reader", 0, 0), Assert.Single(await engine.RunAsync(store => store.Backlog())));
        var late = await engine.RunAsync(store => store.Claim(store.Group("t", "late"), LeaseOwner.Current, ClaimLimit.Create(1, 10), 0, 1));
        Assert.Empty(late.Messages);
    }

    [Fact]
    public async Task Messages_that_one_group_settles_are_kept_until_every_group_has_settled_them()
    {
        await using var engine = Engine();
        var (first, second) = (await engine.RunAsync(store => store.Group("t", "first")), await engine.RunAsync(store => store.Group("t", "second")));
        await PublishAsync(engine, "t", 6);
        await PublishAsync(engine, "other", 2);
        var ofFirst = (await ClaimAsync(engine, first, 6)).Select(message => message.Id).ToList();
        var ofSecond = (await ClaimAsync(engine, second, 4)).Select(message => message.Id).ToList();

        // After these calls, the first group has settled all messages. The second group has settled two, has two in flight, and has not read two.
        await SettleAsync(engine, second, ofSecond[..2]);
        await SettleAsync(engine, first, ofFirst);

        Assert.Equal([new Backlog("other", "", 2, 0), new Backlog("t", "first", 0, 0), new Backlog("t", "second", 2, 2)], await engine.RunAsync(store => store.Backlog()));
        await SettleAsync(engine, second, ofSecond[2..]);
        Assert.Equal(ofFirst[4..], (await ClaimAsync(engine, second, 10)).Select(message => message.Id));
        var late = await engine.RunAsync(store => store.Group("t", "late"));
        Assert.Equal(ofFirst[4..], (await ClaimAsync(engine, late, 10)).Select(message => message.Id));
    }

    [Fact]
    public async Task A_message_whose_lease_has_expired_is_leased_again_together_with_new_messages()
    {
        await using var engine = Engine();
        var group = await engine.RunAsync(store => store.Group("t", "g"));
        await PublishAsync(engine, "t", 2);
        var before = await engine.RunAsync(store => store.Claim(group, "ended", ClaimLimit.Create(1, 10), now: 0, until: 5));
        await PublishAsync(engine, "t", 1);

        var again = await engine.RunAsync(store => store.Claim(group, LeaseOwner.Current, ClaimLimit.Create(1, 10), now: 6, until: 20));

        Assert.Equal([.. before.Messages.Select(message => message.Id), before.Messages[^1].Id + 1], again.Messages.Select(message => message.Id));
        Assert.Equal([LeaseOwner.Current], await engine.RunAsync(store => store.Owners()));
        Assert.Empty((await engine.RunAsync(store => store.Claim(group, LeaseOwner.Current, ClaimLimit.Create(1, 10), now: 19, until: 30))).Messages);
    }

    [Fact]
    public async Task Time_without_a_running_broker_does_not_count_towards_the_retention_period()
    {
        await using var engine = Engine();
        await PublishAsync(engine, "unread", 1);
        await RunHoursAsync(engine, 1);

        _time.Advance(TimeSpan.FromDays(365));
        await RunHoursAsync(engine, 1);

        Assert.Equal(1, await WaitingAsync(engine));
    }

    [Fact]
    public async Task An_hour_counts_once_even_if_several_processes_report_it()
    {
        await using var engine = Engine();
        await PublishAsync(engine, "unread", 1);

        for (var process = 0; process < 10 * RetentionHours; process++)
        {
            await TickAsync(engine);
        }

        Assert.Equal(1, await WaitingAsync(engine));
    }

    [Fact]
    public async Task The_leases_of_an_ended_process_are_released_within_seconds()
    {
        var parts = LeaseOwner.Current.Split('/');
        await using var engine = Engine();
        var group = await engine.RunAsync(store => store.Group("t", "g"));
        await PublishAsync(engine, "t", 1);
        await engine.RunAsync(store => store.Claim(group, $"{parts[0]}/{parts[1]}/1", ClaimLimit.Create(1, 1), 0, long.MaxValue));
        await using var maintenance = new BrokerMaintenance(engine, TimeSpan.FromDays(14), _time, NullLogger.Instance);

        _time.Advance(TimeSpan.FromSeconds(5));

        await Poll.UntilAsync(_ => engine.RunAsync(store => store.Claim(group, LeaseOwner.Current, ClaimLimit.Create(1, 1), 1, long.MaxValue)), batch => batch.Messages.Count == 1, Token);
    }

    [Fact]
    public async Task The_running_broker_deletes_messages_without_a_group_after_the_retention_period()
    {
        await using var engine = Engine();
        await PublishAsync(engine, "unread", 1);
        await using var maintenance = new BrokerMaintenance(engine, TimeSpan.FromHours(1), _time, NullLogger.Instance);

        await Poll.UntilAsync(
            async _ =>
            {
                _time.Advance(TimeSpan.FromMinutes(10));
                return await WaitingAsync(engine);
            },
            count => count == 0,
            Token);
    }

    private static BrokerEngine Engine()
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = BrokerSchema.Create;
        command.ExecuteNonQuery();
        return new BrokerEngine(connection, sharedFile: null, TimeProvider.System, NullLogger.Instance);
    }

    private static Task PublishAsync(BrokerEngine engine, string topic, int count) =>
        engine.PublishAsync(topic, [.. Enumerable.Range(0, count).Select(_ => new BrokerMessage([1], new Dictionary<string, string>()))], null);

    private static async Task<long> WaitingAsync(BrokerEngine engine) => (await engine.RunAsync(store => store.Backlog())).Sum(backlog => backlog.Waiting);

    private async Task RunHoursAsync(BrokerEngine engine, int hours, params IReadOnlyList<long> active)
    {
        for (var hour = 0; hour < hours; hour++)
        {
            await TickAsync(engine, active);
            _time.Advance(TimeSpan.FromHours(1));
        }
    }

    private Task<int> TickAsync(BrokerEngine engine, params IReadOnlyList<long> active)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        return engine.RunAsync(store =>
        {
            store.Tick(now, (long)TimeSpan.FromHours(1).TotalMilliseconds, active);
            return store.Purge(RetentionHours);
        });
    }

    private static async Task<IReadOnlyList<ClaimedMessage>> ClaimAsync(BrokerEngine engine, long group, int messages) =>
        (await engine.RunAsync(store => store.Claim(group, LeaseOwner.Current, ClaimLimit.Create(1, messages), 0, 1))).Messages;

    private static Task<bool> SettleAsync(BrokerEngine engine, long group, List<long> messages) => engine.RunAsync(store =>
    {
        store.Settle(group, messages);
        return true;
    });
}
