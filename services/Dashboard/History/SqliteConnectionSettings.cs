using System.Data.Common;

using Microsoft.EntityFrameworkCore.Diagnostics;

namespace MLEvents.Dashboard.History;

/// <summary>Sets what SQLite does not store in the file, on each connection that is opened.</summary>
/// <seealso href="https://www.sqlite.org/pragma.html"/>
internal sealed class SqliteConnectionSettings : DbConnectionInterceptor
{
    // Pages are read from memory that maps the file, and a write keeps the pages of the indexes that it changes again (16 MiB). The undo information of a
    // single statement stays in memory; without this setting, SQLite writes it to a file for each entry. With a write-ahead log and NORMAL, no commit is lost
    // when the process is killed.
    private const string Settings = "PRAGMA mmap_size = 1073741824; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; PRAGMA synchronous = NORMAL;";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Settings;
        command.ExecuteNonQuery();
    }

    // SQLite executes every command synchronously.
    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        ConnectionOpened(connection, eventData);
        return Task.CompletedTask;
    }
}
