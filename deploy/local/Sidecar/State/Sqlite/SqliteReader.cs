using Microsoft.Data.Sqlite;
using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.State.Sqlite;

/// <summary>A connection that reads; used by one caller at a time.</summary>
internal sealed class SqliteReader : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _select;
    private readonly SqliteParameter _key;
    private readonly SqliteParameter _now;

    public SqliteReader(SqliteDatabase database)
    {
        _connection = database.Open();
        _select = SqliteDatabase.Command(
            _connection,
            $"""SELECT value, etag, expires FROM "{database.Options.TableName}" WHERE key = $key AND (expires IS NULL OR expires > $now)""");
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

    /// <inheritdoc/>
    public void Dispose()
    {
        _select.Dispose();
        _connection.Dispose();
    }
}
