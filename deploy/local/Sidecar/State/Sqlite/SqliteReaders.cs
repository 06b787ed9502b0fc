using System.Collections.Concurrent;

using Microsoft.Data.Sqlite;

using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.State.Sqlite;

/// <summary>A pool of connections for reading. It grows to the number of connections that are used at the same time.</summary>
internal sealed class SqliteReaders(SqliteDatabase database) : IDisposable
{
    private readonly ConcurrentBag<SqliteReader> _idle = [];
    private bool _isDisposed;

    /// <summary>Reads with a connection that no other caller uses at the same time.</summary>
    /// <exception cref="StateStoreException">SQLite cannot read.</exception>
    public T Read<T>(Func<SqliteReader, T> read)
    {
        SqliteReader? reader = null;
        try
        {
            reader = _idle.TryTake(out var idle) ? idle : new SqliteReader(database);
            var result = read(reader);
            _idle.Add(reader);
            reader = null;

            // Dispose sets the flag before it closes the idle connections. This method adds the connection to the idle connections before it reads the flag.
            // Therefore one of the two methods always closes the connection.
            Interlocked.MemoryBarrier();
            if (_isDisposed)
            {
                CloseIdle();
            }

            return result;
        }
        catch (SqliteException exception)
        {
            throw new StateStoreException(exception.Message, exception);
        }
        finally
        {
            // After an error, the connection may have an open transaction.
            reader?.Dispose();
        }
    }

    /// <summary>Closes the connections. A connection in use is closed when its read ends.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref _isDisposed, true);
        CloseIdle();
    }

    private void CloseIdle()
    {
        while (_idle.TryTake(out var reader))
        {
            reader.Dispose();
        }
    }
}
