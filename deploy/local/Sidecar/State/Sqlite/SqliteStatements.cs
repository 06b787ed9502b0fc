using System.Runtime.InteropServices;

using Microsoft.Data.Sqlite;

using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.State.Sqlite;

/// <summary>The connection for writing and its prepared statements. Not thread-safe: the caller must not use it from two threads at the same time.</summary>
internal sealed class SqliteStatements : IDisposable
{
    private static readonly string[] TransactionControl = ["BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT part", "ROLLBACK TO part", "RELEASE part"];

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _transactions;
    private readonly SqliteCommand _save;
    private readonly SqliteCommand _saveNew;
    private readonly SqliteCommand _saveMatching;
    private readonly SqliteCommand _delete;
    private readonly SqliteCommand _deleteMatching;
    private readonly SqliteCommand _deleteExpired;

    public SqliteStatements(SqliteDatabase database)
    {
        _connection = database.Open();
        var table = $"\"{database.Options.TableName}\"";
        var upsert = $"""
            INSERT INTO {table} AS current (key, value, etag, expires) VALUES ($key, $value, $etag, $expires)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value, etag = excluded.etag, expires = excluded.expires
            """;
        const string matching = "key = $key AND etag = $expected AND (expires IS NULL OR expires > $now)";
        _save = Prepare(upsert);
        _saveNew = Prepare($"{upsert} WHERE current.expires <= $now");
        _saveMatching = Prepare($"UPDATE {table} SET value = $value, etag = $etag, expires = $expires WHERE {matching}");
        _delete = Prepare($"DELETE FROM {table} WHERE key = $key");
        _deleteMatching = Prepare($"DELETE FROM {table} WHERE {matching}");
        _deleteExpired = Prepare($"DELETE FROM {table} WHERE expires <= $now");
        _transactions = TransactionControl.ToDictionary(sql => sql, sql => SqliteDatabase.Command(_connection, sql));
    }

    /// <summary>Takes the write lock of the file. Waits for other processes for up to <see cref="SqliteStateOptions.BusyTimeout"/>.</summary>
    public void Begin() => _transactions["BEGIN IMMEDIATE"].ExecuteNonQuery();

    /// <summary>Commits the changes since <see cref="Begin"/>.</summary>
    public void Commit() => _transactions["COMMIT"].ExecuteNonQuery();

    /// <summary>Undoes the changes since <see cref="Begin"/>, if SQLite has not already undone them.</summary>
    public void RollBack()
    {
        if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0)
        {
            _transactions["ROLLBACK"].ExecuteNonQuery();
        }
    }

    /// <summary>Applies all operations, or none if one is refused. Returns <see cref="StateOutcome.Done"/>, or the reason of the first refusal.</summary>
    public StateOutcome ApplyAll(IReadOnlyList<StateOperation> operations, DateTimeOffset now)
    {
        _transactions["SAVEPOINT part"].ExecuteNonQuery();
        var outcome = operations.Select(operation => Apply(operation, now)).FirstOrDefault(outcome => outcome != StateOutcome.Done);
        if (outcome != StateOutcome.Done)
        {
            _transactions["ROLLBACK TO part"].ExecuteNonQuery();
        }

        _transactions["RELEASE part"].ExecuteNonQuery();
        return outcome;
    }

    /// <summary>Applies one operation.</summary>
    public StateOutcome Apply(StateOperation operation, DateTimeOffset now) => operation switch
    {
        StateUpsert { ETag: not null } => Run(_saveMatching, operation, now, StateOutcome.ETagMismatch),
        StateUpsert { Concurrency: StateConcurrency.FirstWrite } => Run(_saveNew, operation, now, StateOutcome.AlreadyExists),
        StateUpsert => Run(_save, operation, now, StateOutcome.Done),
        { ETag: not null } => Run(_deleteMatching, operation, now, StateOutcome.ETagMismatch),
        _ => Run(_delete, operation, now, StateOutcome.Done),
    };

    /// <summary>Removes the values that have expired at <paramref name="now"/>.</summary>
    public void DeleteExpired(DateTimeOffset now)
    {
        _deleteExpired.Parameters["$now"].Value = now.ToUnixTimeMilliseconds();
        _deleteExpired.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var command in _transactions.Values)
        {
            command.Dispose();
        }

        _save.Dispose();
        _saveNew.Dispose();
        _saveMatching.Dispose();
        _delete.Dispose();
        _deleteMatching.Dispose();
        _deleteExpired.Dispose();
        _connection.Dispose();
    }

    private static StateOutcome Run(SqliteCommand command, StateOperation operation, DateTimeOffset now, StateOutcome whenNothingChanged)
    {
        var parameters = command.Parameters;
        parameters["$key"].Value = operation.Key;
        parameters["$expected"].Value = operation.ETag ?? (object)DBNull.Value;
        parameters["$now"].Value = now.ToUnixTimeMilliseconds();
        if (operation is StateUpsert upsert)
        {
            parameters["$value"].Value = Bytes(upsert.Value);
            parameters["$etag"].Value = Guid.NewGuid().ToString();
            parameters["$expires"].Value = (now + upsert.TimeToLive)?.ToUnixTimeMilliseconds() ?? (object)DBNull.Value;
        }

        return command.ExecuteNonQuery() == 0 ? whenNothingChanged : StateOutcome.Done;
    }

    private static byte[] Bytes(ReadOnlyMemory<byte> value) =>
        MemoryMarshal.TryGetArray(value, out var array) && array.Array is { } whole && whole.Length == value.Length ? whole : value.ToArray();

    private SqliteCommand Prepare(string sql)
    {
        var command = SqliteDatabase.Command(_connection, sql);
        command.Parameters.Add("$key", SqliteType.Text);
        command.Parameters.Add("$value", SqliteType.Blob);
        command.Parameters.Add("$etag", SqliteType.Text);
        command.Parameters.Add("$expires", SqliteType.Integer);
        command.Parameters.Add("$expected", SqliteType.Text);
        command.Parameters.Add("$now", SqliteType.Integer);
        return command;
    }
}
