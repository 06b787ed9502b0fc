using MLEvents.Local.Sidecar.State.Sqlite;

namespace MLEvents.Local.Sidecar.Tests.State;

public sealed class SqliteReadersTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_connection_is_closed_when_the_read_throws()
    {
        var database = new SqliteDatabase(new SqliteStateOptions { FilePath = Path.Combine(_folder.Path, "state.db") });
        database.Initialize();
        using var readers = new SqliteReaders(database);
        SqliteReader? used = null;

        Assert.Throws<TimeoutException>(() => readers.Read<string>(reader =>
        {
            used = reader;
            throw new TimeoutException();
        }));

        Assert.Throws<InvalidOperationException>(() => used?.Find("a", DateTimeOffset.UnixEpoch));
        Assert.Null(readers.Read(reader => reader.Find("a", DateTimeOffset.UnixEpoch)));
    }

    [Fact]
    public void A_connection_is_closed_when_its_read_ends_after_the_store_is_closed()
    {
        var database = new SqliteDatabase(new SqliteStateOptions { FilePath = Path.Combine(_folder.Path, "state.db") });
        database.Initialize();
        using var readers = new SqliteReaders(database);

        var used = readers.Read(reader =>
        {
            readers.Dispose();
            return reader;
        });

        Assert.Throws<InvalidOperationException>(() => used.Find("a", DateTimeOffset.UnixEpoch));
    }
}
