using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace MLEvents.Dashboard.History;

/// <summary>Opens the database of the history: PostgreSQL if a connection string is set, otherwise SQLite.</summary>
internal sealed class HistoryDatabase
{
    private const int BusySeconds = 30;

    private readonly Func<HistoryContext> _open;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HistoryDatabase(IOptions<HistoryOptions> options)
    {
        if (options.Value.PostgreSql is { Length: > 0 } connection)
        {
            var postgres = new DbContextOptionsBuilder<PostgreSqlHistoryContext>().UseNpgsql(connection).AddInterceptors(StorableText.Parameters).UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking).Options;
            _open = () => new PostgreSqlHistoryContext(postgres);
        }
        else
        {
            var file = new SqliteConnectionStringBuilder { DataSource = options.Value.File, DefaultTimeout = BusySeconds }.ToString();
            var sqlite = new DbContextOptionsBuilder<SqliteHistoryContext>().UseSqlite(file).AddInterceptors(StorableText.Parameters).UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking).Options;
            _open = () => new SqliteHistoryContext(sqlite);
        }
    }

    /// <summary>Completes when all migrations are applied.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Opens a context. The caller disposes of it.</summary>
    public HistoryContext Open() => _open();

    /// <summary>Applies pending migrations.</summary>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var context = Open();
        await context.MigrateAsync(cancellationToken);
        _ready.TrySetResult();
    }
}
