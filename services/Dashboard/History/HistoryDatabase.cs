using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

using MLEvents.Dashboard.History.Model.PostgreSql;
using MLEvents.Dashboard.History.Model.Sqlite;

namespace MLEvents.Dashboard.History;

/// <summary>Opens the database of the history: PostgreSQL if a connection string is set, otherwise SQLite.</summary>
internal sealed class HistoryDatabase
{
    private const int BusySeconds = 30;

    private readonly Func<HistoryContext> _open;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HistoryDatabase(IOptions<HistoryOptions> options) =>
        _open = options.Value.PostgreSql is { Length: > 0 } connection ? OpenPostgreSql(connection) : OpenSqlite(options.Value.File);

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

    // Each provider has its own method, so that a process loads only the assemblies of the provider that it uses.
    private static Func<HistoryContext> OpenPostgreSql(string connection)
    {
        var options = Configure<PostgreSqlHistoryContext>(builder => builder.UseNpgsql(connection).UseModel(PostgreSqlHistoryContextModel.Instance));
        return () => new PostgreSqlHistoryContext(options);
    }

    private static Func<HistoryContext> OpenSqlite(string file)
    {
        var connection = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = BusySeconds }.ToString();
        var options = Configure<SqliteHistoryContext>(builder => builder.UseSqlite(connection).UseModel(SqliteHistoryContextModel.Instance));
        return () => new SqliteHistoryContext(options);
    }

    private static DbContextOptions<TContext> Configure<TContext>(Action<DbContextOptionsBuilder> use)
        where TContext : HistoryContext
    {
        var builder = new DbContextOptionsBuilder<TContext>();
        use(builder);
        return builder.AddInterceptors(StorableText.Parameters).UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking).Options;
    }
}
