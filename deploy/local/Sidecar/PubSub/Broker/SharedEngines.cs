using Microsoft.Data.Sqlite;

using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.PubSub.Broker;

/// <summary>One engine per database file and process. The sidecars of a process that open the same file share group commits and wake each other at once.</summary>
internal static class SharedEngines
{
    private const string Memory = ":memory:";
    private static readonly Dictionary<string, (BrokerEngine Engine, int Users)> Open = new(StringComparer.Ordinal);
    private static readonly Lock Gate = new();

    /// <summary>Returns the open engine of a file, or opens one. The other arguments apply only to an engine that this call opens.</summary>
    public static BrokerEngine Join(string file, TimeSpan busyTimeout, TimeProvider time, ILogger logger)
    {
        lock (Gate)
        {
            var (engine, users) = Open.TryGetValue(file, out var open) ? open : (new BrokerEngine(Connect(file, busyTimeout), file, time, logger), 0);
            Open[file] = (engine, users + 1);
            return engine;
        }
    }

    /// <summary>Closes the engine of a file after its last user has left.</summary>
    public static async Task LeaveAsync(string file)
    {
        BrokerEngine? last = null;
        lock (Gate)
        {
            var (engine, users) = Open[file];
            if (users > 1)
            {
                Open[file] = (engine, users - 1);
            }
            else
            {
                Open.Remove(file);
                last = engine;
            }
        }

        if (last is not null)
        {
            await last.DisposeAsync();
        }
    }

    /// <summary>Creates a separate engine with a database in memory.</summary>
    public static BrokerEngine Private(TimeProvider time, ILogger logger) =>
        new(Connect(Memory, TimeSpan.FromSeconds(1)), sharedFile: null, time, logger);

    private static SqliteConnection Connect(string file, TimeSpan busyTimeout)
    {
        if (file != Memory)
        {
            PrivateFiles.CreateFile(file);
        }

        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 1 }.ToString());
        try
        {
            connection.Open();
            // With a write-ahead log and synchronous = NORMAL, no commit is lost when a process is killed. A power failure can lose the last commits.
            Run(connection, $"PRAGMA busy_timeout = {(long)busyTimeout.TotalMilliseconds}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {SqliteSettings.Memory}");
            Run(connection, BrokerSchema.Create);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
