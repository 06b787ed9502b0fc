using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace MLEvents.Dashboard.History;

/// <summary>The database of the history: PostgreSQL if a connection string is set, otherwise SQLite.</summary>
internal sealed class HistoryDatabase : IDisposable
{
    private const int BusySeconds = 30;

    private readonly Func<HistoryConnection> _open;
    private readonly Func<Exception, bool> _isUnavailable;
    private readonly IDisposable? _pool;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HistoryDatabase(IOptions<HistoryOptions> options) =>
        (_open, _isUnavailable, _pool) = options.Value.PostgreSql is { Length: > 0 } settings ? UsePostgreSql(settings) : UseSqlite(options.Value.File);

    /// <summary>Completes when all migrations are applied.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Creates a connection. Its first command opens it, and the caller disposes of it.</summary>
    public HistoryConnection Open() => _open();

    /// <summary>Whether a failure would affect every write (database unreachable, locked or full), and not only the entries of one write.</summary>
    public bool IsUnavailable(Exception exception) => _isUnavailable(exception);

    /// <summary>Applies pending migrations.</summary>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var connection = Open();
        await connection.MigrateAsync(cancellationToken);
        _ready.TrySetResult();
    }

    /// <inheritdoc/>
    public void Dispose() => _pool?.Dispose();

    // Each database has its own method, so that a process loads only the assemblies of the database that it uses.
    private static (Func<HistoryConnection> Open, Func<Exception, bool> IsUnavailable, IDisposable? Pool) UsePostgreSql(string settings)
    {
        var source = PostgreSqlHistoryConnection.CreateSource(settings);
        return (() => new PostgreSqlHistoryConnection(source, settings), PostgreSqlHistoryConnection.IsUnavailable, source);
    }

    // The library keeps the pool of connections to a file.
    private static (Func<HistoryConnection> Open, Func<Exception, bool> IsUnavailable, IDisposable? Pool) UseSqlite(string file)
    {
        var settings = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = BusySeconds }.ToString();
        return (() => new SqliteHistoryConnection(new SqliteConnection(settings)), SqliteHistoryConnection.IsUnavailable, null);
    }
}
