using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Local.Sidecar.PubSub.Broker;
using MLEvents.Local.Sidecar.State.Sqlite;

namespace MLEvents.Local.Sidecar.Tests.PubSub;

/// <summary>
/// Processes that share a broker file wake each other. Two engines on one file represent two processes. The engines do not poll the file unless a test
/// advances their clock.
/// </summary>
public sealed class BrokerNotifierTests : IDisposable
{
    private static readonly EmbeddedPubSubOptions Options = new(
        "c", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(5), Concurrency: 10, BulkConcurrency: 4, MaxLength: null, TimeSpan.FromDays(1));

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _stopped = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_folder.Path, "broker.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_message_of_another_process_is_delivered_without_a_poll()
    {
        await using var publisher = Engine();
        await using var subscriber = Engine();
        var delivered = Channel.CreateUnbounded<int>();
        await using var subscription = await SubscribeAsync(subscriber, "t", delivered);
        await ConnectedAsync(publisher, subscriber);

        await publisher.PublishAsync("t", [Message(7)], null);

        Assert.Equal(7, await delivered.Reader.ReadAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token));
    }

    [Fact]
    public async Task A_process_notifies_the_processes_that_started_before_and_after_it()
    {
        await using var first = Engine();
        await using var second = Engine();
        await using var third = Engine();
        await ConnectedAsync(first, second, third);
        var delivered = Channel.CreateUnbounded<int>();
        await using var one = await SubscribeAsync(first, "t", delivered);
        await using var other = await SubscribeAsync(third, "u", delivered);

        await second.PublishAsync("t", [Message(1)], null);
        await second.PublishAsync("u", [Message(2)], null);

        int[] numbers = [await delivered.Reader.ReadAsync(Token), await delivered.Reader.ReadAsync(Token)];
        Assert.Equal([1, 2], numbers.Order());
    }

    [Fact]
    public async Task A_poll_finds_a_message_of_a_publisher_that_cannot_notify()
    {
        await using var subscriber = Engine();
        var delivered = Channel.CreateUnbounded<int>();
        await using var subscription = await SubscribeAsync(subscriber, "t", delivered);
        await using (var connection = Open())
        {
            await using var insert = SqliteDatabase.Command(connection, "INSERT INTO messages (topic, data) VALUES ('t', x'03')");
            await insert.ExecuteNonQueryAsync(Token);
        }

        await Poll.UntilAsync(
            () =>
            {
                _stopped.Advance(TimeSpan.FromSeconds(1));
                return delivered.Reader.TryPeek(out _);
            },
            Token);

        Assert.Equal(3, await delivered.Reader.ReadAsync(Token));
    }

    [Fact]
    public async Task The_socket_file_of_a_killed_process_is_deleted_once_it_is_old()
    {
        var folder = Directory.CreateDirectory(File + ".sockets").FullName;
        var (killed, starting) = (Path.Combine(folder, "killed"), Path.Combine(folder, "starting"));
        await System.IO.File.WriteAllTextAsync(killed, "", Token);
        await System.IO.File.WriteAllTextAsync(starting, "", Token);
        System.IO.File.SetLastWriteTimeUtc(killed, DateTime.UnixEpoch);

        await using (var engine = Engine())
        {
            Assert.Equal(0, engine.Peers);
            Assert.Equal((false, true), (System.IO.File.Exists(killed), System.IO.File.Exists(starting)));
        }

        Assert.Equal([starting], Directory.GetFiles(folder));
    }

    [Fact]
    public async Task An_ended_process_is_no_longer_notified()
    {
        await using var one = Engine();
        await using (var other = Engine())
        {
            await ConnectedAsync(one, other);
        }

        await Poll.UntilAsync(() => one.Peers == 0, Token);
        await one.PublishAsync("t", [Message(1)], null);
    }

    [Fact]
    public async Task A_line_that_is_not_a_topic_wakes_all_subscribers_and_causes_no_error()
    {
        var notified = Channel.CreateUnbounded<string?>();
        await using var notifier = BrokerNotifier.TryOpen(File, topic => notified.Writer.TryWrite(topic), NullLogger.Instance);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Assert.Single(Directory.GetFiles(File + ".sockets"))), Token);

        await socket.SendAsync(Encoding.UTF8.GetBytes(new string('x', 4096)), Token);
        Assert.Null(await notified.Reader.ReadAsync(Token));
        await socket.SendAsync(BrokerNotifierPeer.Message(["t", "two\nlines", null]), Token);

        Assert.Equal("t", await notified.Reader.ReadAsync(Token));
        Assert.Null(await notified.Reader.ReadAsync(Token));
        Assert.Null(await notified.Reader.ReadAsync(Token));
    }

    [Fact]
    public void A_path_that_is_too_long_for_a_socket_is_reported_and_the_file_is_polled()
    {
        var logs = new FakeLogger();

        var notifier = BrokerNotifier.TryOpen(Path.Combine(_folder.Path, new string('d', 100), "broker.db"), _ => { }, logs);

        Assert.Null(notifier);
        Assert.Equal(LogLevel.Information, logs.LatestRecord.Level);
        Assert.Contains("poll its file", logs.LatestRecord.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_created_is_reported_and_the_file_is_polled()
    {
        System.IO.File.WriteAllText(File + ".sockets", "");
        var logs = new FakeLogger();

        Assert.Null(BrokerNotifier.TryOpen(File, _ => { }, logs));
        Assert.IsType<IOException>(logs.LatestRecord.Exception, exactMatch: false);
    }

    [Fact]
    public void A_folder_that_cannot_be_listed_is_reported_and_no_socket_file_remains()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "Not run: root can list every folder.");
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no file modes.");
            return;
        }

        const UnixFileMode unlisted = UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var folder = Directory.CreateDirectory(File + ".sockets", unlisted).FullName;
        var logs = new FakeLogger();

        var notifier = BrokerNotifier.TryOpen(File, _ => { }, logs);

        System.IO.File.SetUnixFileMode(folder, unlisted | UnixFileMode.UserRead);
        Assert.Null(notifier);
        Assert.IsType<UnauthorizedAccessException>(logs.LatestRecord.Exception);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public async Task A_file_whose_path_is_too_long_for_a_socket_is_skipped()
    {
        await using var first = Engine();
        await System.IO.File.WriteAllTextAsync(Path.Combine(File + ".sockets", new string('x', 200)), "", Token);

        await using var second = Engine();

        await ConnectedAsync(first, second);
    }

    private static BrokerMessage Message(byte number) => new([number], new Dictionary<string, string>());

    private static Task ConnectedAsync(params BrokerEngine[] engines) => Poll.UntilAsync(() => engines.All(engine => engine.Peers == engines.Length - 1), Token);

    private async Task<BrokerSubscription> SubscribeAsync(BrokerEngine engine, string topic, Channel<int> delivered)
    {
        var group = await engine.RunAsync(store => store.Group(topic, "c"));
        return new BrokerSubscription(engine, new ConsumerGroup(group, topic, ""), null, Options, Handle, _stopped, NullLogger.Instance);

        Task Handle(LeasedBatch batch, CancellationToken stop)
        {
            batch.Messages[0].Settle(Settlement.Done);
            delivered.Writer.TryWrite(batch.Messages[0].Message.Data[0]);
            return Task.CompletedTask;
        }
    }

    private BrokerEngine Engine() => new(Open(), File, _stopped, NullLogger.Instance);

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={File};Pooling=false");
        connection.Open();
        using var command = SqliteDatabase.Command(connection, $"PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; {BrokerSchema.Create}");
        command.ExecuteNonQuery();
        return connection;
    }
}
