using Microsoft.Data.Sqlite;

using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.State.Sqlite;

/// <summary>A connection for reading. It is not thread-safe: only one caller may use it at a time.</summary>
internal sealed class SqliteReader : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _select;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _end;
    private readonly SqliteParameter _key;
    private readonly SqliteParameter _now;

    public SqliteReader(SqliteDatabase database)
    {
        _connection = database.Open();
        _select = SqliteDatabase.Command(
            _connection,
            $"""SELECT value, etag, expires FROM "{database.Options.TableName}" WHERE key = $key AND (expires IS NULL OR expires > $now)""");
        _begin = SqliteDatabase.Command(_connection, "BEGIN");
        _end = SqliteDatabase.Command(_connection, "COMMIT");
        _key = _select.Parameters.Add("$key", SqliteType.Text);
        _now = _select.Parameters.Add("$now", SqliteType.Integer);
    }

    /// <summary>Reads a key that has not expired at <paramref name="now"/>.</summary>
    public StateItem? Find(string key, DateTimeOffset now)
    {
        _key.Value = key;
        _now.Value = now.ToUnixTimeMilliseconds();
        using var row = _select.ExecuteReader();
        return row.Read()
            ? new(key, row.GetFieldValue<byte[]>(0), row.GetString(1), row.IsDBNull(2) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)))
            : null;
    }

    /// <summary>Reads keys in one transaction, so the values are consistent. Leaves out keys without a value.</summary>
    public IReadOnlyList<StateItem> FindAll(IReadOnlyList<string> keys, DateTimeOffset now)
    {
        _begin.ExecuteNonQuery();
        List<StateItem> found = [.. keys.Select(key => Find(key, now)).OfType<StateItem>()];
        // If a read fails before this point, the connection is closed, which also ends the transaction.
        _end.ExecuteNonQuery();
        return found;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _select.Dispose();
        _begin.Dispose();
        _end.Dispose();
        _connection.Dispose();
    }
}
