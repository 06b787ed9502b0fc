using System.Globalization;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Testing;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.State.Sqlite;

namespace MLEvents.Local.Sidecar.Tests.State;

public sealed class SqliteStateStoreTests : StateStoreContract, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("state-").FullName;
    private readonly FakeLogger<SqliteStateStore> _logger = new();
    private readonly SqliteStateStore _store;

    public SqliteStateStoreTests() => _store = Open();

    protected override IStateStore Store => _store;

    private SqliteStateOptions Options => new() { FilePath = Path.Combine(_folder, "state.db"), BusyTimeout = TimeSpan.FromSeconds(5) };

    public async ValueTask InitializeAsync() => await _store.InitializeAsync(Token);

    [Fact]
    public async Task Saved_values_survive_a_restart()
    {
        await SaveAsync(Upsert("a", "1"));
        await _store.DisposeAsync();

        await using var again = await OpenAsync(Options);

        Assert.Equal("1", Text(await again.GetAsync("a", Token)));
    }

    [Fact]
    public async Task Two_stores_on_one_file_accept_together_only_one_first_write_for_each_key()
    {
        await using var other = await OpenAsync(Options);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(writer => Task.Run(
            () => (writer % 2 == 0 ? _store : other).ApplyAsync([Upsert($"k{writer % 10}", $"{writer}", null, StateConcurrency.FirstWrite)], Token), Token)));

        Assert.Equal(10, outcomes.Count(outcome => outcome[0] == StateOutcome.Done));
    }

    [Fact]
    public async Task A_call_for_many_keys_is_one_transaction_and_a_refused_operation_does_not_undo_the_others()
    {
        await SaveAsync(Upsert("k5", "old"));
        var before = _store.Commits;

        var saved = await Store.ApplyAsync([.. Enumerable.Range(0, 10).Select(number => Upsert($"k{number}", "1", number == 5 ? "stale" : null))], Token);
        var deleted = await Store.ApplyAsync([.. Enumerable.Range(0, 10).Select(number => Delete($"k{number}", number == 7 ? "stale" : null))], Token);

        Assert.Equal(2, _store.Commits - before);
        Assert.Equal((5, 7), (Assert.Single(Refused(saved)), Assert.Single(Refused(deleted))));
        Assert.Equal(["k7"], (await Store.GetManyAsync([.. Enumerable.Range(0, 10).Select(number => $"k{number}")], Token)).Select(item => item.Key));
    }

    [Fact]
    public async Task Writes_that_wait_at_the_same_time_share_a_transaction()
    {
        await using var connection = new SqliteConnection($"Data Source={Options.FilePath};Pooling=false");
        await connection.OpenAsync(Token);
        var before = _store.Commits;
        Task<IReadOnlyList<StateOutcome>[]> writes;
        await using (var locked = await connection.BeginTransactionAsync(Token))
        {
            writes = Task.WhenAll(Enumerable.Range(0, 100).Select(number => Store.ApplyAsync([Upsert($"k{number}", "1")], Token)));
        }

        await writes;

        // The first transaction may have begun, and waited for the lock, before the other writes arrived.
        Assert.InRange(_store.Commits - before, 1, 2);
    }

    [Fact]
    public async Task Expired_values_are_deleted_from_the_file_in_the_background()
    {
        await SaveAsync(Upsert("a", "1") with { TimeToLive = TimeSpan.FromMinutes(1) });
        Time.Advance(TimeSpan.FromHours(1));

        // The store executes writes in order, and the clean-up was requested before this write.
        await SaveAsync(Upsert("b", "1"));
        await _store.DisposeAsync();

        Assert.Equal(1L, Scalar("SELECT COUNT(*) FROM state"));
    }

    [Fact]
    public async Task Stores_with_different_table_names_in_one_file_are_separate()
    {
        await using var other = await OpenAsync(Options with { TableName = "other", MetadataTableName = "other_metadata", DisableWal = false });

        await SaveAsync(Upsert("a", "1"));

        Assert.Null(await other.GetAsync("a", Token));
    }

    [Fact]
    public async Task The_store_also_works_without_the_write_ahead_log()
    {
        var options = Options with { FilePath = Path.Combine(_folder, "journal.db"), DisableWal = true };
        await using var store = await OpenAsync(options);

        await store.ApplyAsync([Upsert("a", "1")], Token);

        Assert.Equal("1", Text(await store.GetAsync("a", Token)));
        Assert.False(File.Exists(options.FilePath + "-wal"));
    }

    [Fact]
    public async Task A_write_to_a_locked_file_fails_and_a_write_after_the_lock_succeeds()
    {
        await using var store = await OpenAsync(Options with { BusyTimeout = TimeSpan.Zero });
        using (var blocker = Connect())
        {
            Execute(blocker, "BEGIN IMMEDIATE");
            await Assert.ThrowsAsync<StateStoreException>(() => store.ApplyAsync([Upsert("a", "1")], Token));
        }

        Assert.Equal([StateOutcome.Done], await store.ApplyAsync([Upsert("a", "2")], Token));
    }

    [Fact]
    public async Task A_clean_up_that_fails_is_logged_and_repeated_after_the_interval()
    {
        await using var store = await OpenAsync(Options with { BusyTimeout = TimeSpan.Zero, CleanupInterval = TimeSpan.FromMinutes(1) });
        await store.ApplyAsync([Upsert("expired", "1") with { TimeToLive = TimeSpan.FromSeconds(30) }], Token);
        using (var blocker = Connect())
        {
            Execute(blocker, "BEGIN IMMEDIATE");
            Time.Advance(TimeSpan.FromMinutes(1));
            await Assert.ThrowsAsync<StateStoreException>(() => store.ApplyAsync([Upsert("a", "1")], Token));
        }

        Assert.Equal(1L, Scalar("SELECT COUNT(*) FROM state"));
        Time.Advance(TimeSpan.FromMinutes(1));
        await Poll.UntilAsync(() => Scalar("SELECT COUNT(*) FROM state") == 0, Token);

        // Event 1: the clean-up failed.
        Assert.Contains(_logger.Collector.GetSnapshot(), log => log.Id.Id == 1);
    }

    [Fact]
    public async Task A_damaged_file_does_not_open()
    {
        var path = Path.Combine(_folder, "damaged.db");
        await File.WriteAllTextAsync(path, new string('x', 5000), Token);

        var exception = await Assert.ThrowsAsync<StateStoreException>(() => OpenAsync(Options with { FilePath = path }));

        Assert.Contains("damaged.db", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_with_the_table_of_an_earlier_build_can_be_read_and_written()
    {
        var expires = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds();
        Execute(Connect(), $"""
            DROP TABLE state;
            CREATE TABLE state (key TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL, etag TEXT NOT NULL, expires INTEGER) WITHOUT ROWID;
            CREATE INDEX state_expires ON state (expires) WHERE expires IS NOT NULL;
            INSERT INTO state VALUES ('a', CAST('1' AS BLOB), 'e1', NULL), ('b', CAST('2' AS BLOB), 'e2', {expires});
            """);

        await using var store = await OpenAsync(Options);

        var (first, second) = (await store.GetAsync("a", Token), await store.GetAsync("b", Token));
        Assert.Equal(("1", "e1", null), (Text(first), first?.ETag, first?.ExpiresAt));
        Assert.Equal(("2", "e2", expires), (Text(second), second?.ETag, second?.ExpiresAt?.ToUnixTimeMilliseconds()));
        StateOperation[] operations = [Upsert("a", "3", "e1"), Upsert("b", "3", null, StateConcurrency.FirstWrite), Upsert("c", "4"), Delete("b", "e2")];
        Assert.Equal([StateOutcome.Done, StateOutcome.AlreadyExists, StateOutcome.Done, StateOutcome.Done], await store.ApplyAsync(operations, Token));
        Assert.Equal(["a", "c"], (await store.GetManyAsync(["a", "b", "c"], Token)).Select(item => item.Key));
    }

    [Fact]
    public async Task A_file_of_another_program_is_refused()
    {
        Execute(Connect(), "UPDATE metadata SET value = '3' WHERE key = 'migrations'");

        var exception = await Assert.ThrowsAsync<StateStoreException>(() => OpenAsync(Options));

        Assert.Contains("another program", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reads_and_writes_fail_if_the_table_was_deleted()
    {
        await SaveAsync(Upsert("a", "1"));
        Execute(Connect(), "DROP TABLE state");

        await Assert.ThrowsAsync<StateStoreException>(() => _store.GetAsync("a", Token));
        await Assert.ThrowsAsync<StateStoreException>(() => SaveAsync(Upsert("a", "2")));
    }

    [Fact]
    public async Task A_write_that_the_database_refuses_does_not_affect_other_writes()
    {
        using (var connection = Connect())
        {
            Execute(connection, "CREATE TRIGGER no BEFORE INSERT ON state WHEN NEW.key = 'bad' BEGIN SELECT RAISE(ABORT, 'refused'); END");
        }

        var writes = Enumerable.Range(0, 50).Select(number => SaveAsync(Upsert(number == 25 ? "bad" : $"k{number}", "1"))).ToList();
        await Assert.ThrowsAsync<StateStoreException>(() => Task.WhenAll(writes));

        Assert.Equal([25], writes.Index().Where(write => write.Item.IsFaulted).Select(write => write.Index));
        Assert.Equal(49L, Scalar("SELECT COUNT(*) FROM state"));
    }

    [Fact]
    public async Task A_closed_store_refuses_writes()
    {
        await SaveAsync(Upsert("a", "1"));
        await _store.DisposeAsync();

        await Assert.ThrowsAsync<StateStoreException>(() => SaveAsync(Upsert("a", "2")));
    }

    protected override async ValueTask DisposeCoreAsync()
    {
        await base.DisposeCoreAsync();
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private SqliteStateStore Open() => new(Options, Time, _logger);

    private async Task<SqliteStateStore> OpenAsync(SqliteStateOptions options)
    {
        var store = new SqliteStateStore(options, Time, _logger);
        await store.InitializeAsync(Token);
        return store;
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Options.FilePath};Pooling=false");
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = SqliteDatabase.Command(connection, sql);
        command.ExecuteNonQuery();
    }

    private static IEnumerable<int> Refused(IReadOnlyList<StateOutcome> outcomes) =>
        Enumerable.Range(0, outcomes.Count).Where(index => outcomes[index] == StateOutcome.ETagMismatch);

    private long Scalar(string sql)
    {
        using var connection = Connect();
        using var command = SqliteDatabase.Command(connection, sql);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
