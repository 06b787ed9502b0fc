using System.Diagnostics.CodeAnalysis;

using Microsoft.Data.Sqlite;

using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.State.Sqlite;

/// <summary>Opens connections to the file of one store, and creates the tables.</summary>
internal sealed class SqliteDatabase(SqliteStateOptions options)
{
    private const string Layout = "mlevents-state-1";

    private readonly string _connectionString = new SqliteConnectionStringBuilder
    {
        DataSource = options.FilePath,
        Mode = SqliteOpenMode.ReadWriteCreate,
        // The connections stay open as long as the store is open. A connection pool would keep the file open after the store is closed.
        Pooling = false,
        DefaultTimeout = Math.Max(1, (int)options.BusyTimeout.TotalSeconds),
    }.ToString();

    /// <summary>The options of the database.</summary>
    public SqliteStateOptions Options => options;

    /// <summary>Creates the file and the tables if they do not exist.</summary>
    /// <exception cref="StateStoreException">The file cannot be opened, or has the tables of another program.</exception>
    public void Initialize()
    {
        try
        {
            PrivateFiles.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(options.FilePath)) ?? ".");
            PrivateFiles.CreateFile(options.FilePath);
            using var connection = Open();
            Execute(connection, $"PRAGMA journal_mode = {(options.DisableWal ? "DELETE" : "WAL")}");
            Execute(connection, CreateTables);
            CheckLayout(connection);
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StateStoreException($"cannot open the state database '{options.FilePath}': {exception.Message}", exception);
        }
    }

    /// <summary>Opens another connection.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            return Prepare(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private SqliteConnection Prepare(SqliteConnection connection)
    {
        connection.Open();
        Execute(connection, $"PRAGMA busy_timeout = {(long)options.BusyTimeout.TotalMilliseconds}");
        // With the write-ahead log and synchronous = NORMAL, no commit is lost when the process is killed. A power failure can lose the last commits. The rollback journal needs synchronous = FULL.
        Execute(connection, $"PRAGMA synchronous = {(options.DisableWal ? "FULL" : "NORMAL")}");
        Execute(connection, SqliteSettings.Memory);
        return connection;
    }

    /// <summary>Creates a command on an open connection. The SQL contains only fixed text and the names of the two tables; all values are parameters.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "Table names cannot be parameters; the component's settings allow only plain identifiers.")]
    public static SqliteCommand Command(SqliteConnection connection, string sql) => new(sql, connection);

    // With an integer primary key, a new value is written to the last page, and a search by key reads the small entries of an index.
    // A file of an earlier build keeps its table, which is ordered by key. All statements work on both forms of the table.
    private string CreateTables => $"""
        BEGIN IMMEDIATE;
        CREATE TABLE IF NOT EXISTS "{options.MetadataTableName}" (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
        INSERT INTO "{options.MetadataTableName}" (key, value) VALUES ('migrations', '{Layout}') ON CONFLICT (key) DO NOTHING;
        CREATE TABLE IF NOT EXISTS "{options.TableName}" (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value BLOB NOT NULL, etag TEXT NOT NULL, expires INTEGER);
        CREATE INDEX IF NOT EXISTS "{options.TableName}_expires" ON "{options.TableName}" (expires) WHERE expires IS NOT NULL;
        COMMIT;
        """;

    private void CheckLayout(SqliteConnection connection)
    {
        using var command = Command(connection, $"""SELECT value FROM "{options.MetadataTableName}" WHERE key = 'migrations'""");
        if (command.ExecuteScalar() is not Layout)
        {
            throw new StateStoreException(
                $"'{options.FilePath}' contains the tables of another program (daprd's state.sqlite?); give this store its own file, or its own tableName and metadataTableName");
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        command.ExecuteNonQuery();
    }
}
