using System.Data.Common;

using Npgsql;

namespace MLEvents.Dashboard.History;

/// <summary>The history in PostgreSQL. The search terms are a column of the events with an inverted index.</summary>
/// <param name="source">The pool of connections.</param>
/// <param name="settings">The connection string, with the password.</param>
internal sealed class PostgreSqlHistoryConnection(NpgsqlDataSource source, string settings) : HistoryConnection(source.CreateConnection())
{
    private static readonly InsertCommand<EventEntry> Insert = new(
        "Events", """ON CONFLICT ("Key") DO NOTHING""", [.. HistoryInserts.EventColumns, ("Terms", row => row.Terms)]);

    // Classes of SQLSTATE: connection exception, insufficient resources, operator intervention, system error.
    private static readonly string[] UnavailableClasses = ["08", "53", "57", "58"];

    private static readonly TimeSpan MaxMigrationTime = TimeSpan.FromHours(1);

    private const string HistoryExists = """SELECT 'yes' WHERE to_regclass('"__EFMigrationsHistory"') IS NOT NULL""";

    // Every server has this database, and every user may connect to it by default.
    private const string MaintenanceDatabase = "postgres";

    // The key of an advisory lock, which no other user of the database may use: "mlevents" in ASCII.
    private const long MigrationLock = 0x6D6C6576656E7473;

    // The key of the lock that a transaction holds until its end: "mlwrites" in ASCII.
    private const long WriteLock = 0x6D6C777269746573;

    // The index of subjects contains the first 200 code points of a subject. A prefix of 200 UTF-16 units never has more than 200 code points.
    private const int IndexedCharacters = 200;

    // Each statement costs a round trip, so it inserts many rows. PostgreSQL accepts up to 65,535 parameters.
    public override int RowsPerInsert => 100;

    /// <summary>Creates a pool of connections that needs no code generation at run time. It supports the types that the history uses, TLS and Kerberos.</summary>
    public static NpgsqlDataSource CreateSource(string settings) =>
        new NpgsqlSlimDataSourceBuilder(settings).EnableArrays().EnableTransportSecurity().EnableIntegratedSecurity().Build();

    // The lock and the count share a round trip. The count becomes visible with the entries of the transaction. A sequence would change before the entries are visible.
    public override async Task<DbTransaction> BeginWriteAsync(CancellationToken cancellationToken)
    {
        var transaction = await BeginTransactionAsync(cancellationToken);
        await ExecuteAsync($"""SELECT pg_advisory_xact_lock({WriteLock}); UPDATE "Writes" SET "Count" = "Count" + 1""", cancellationToken);
        return transaction;
    }

    public override Task<long> CountWritesAsync(CancellationToken cancellationToken) => CountAsync($"""SELECT "Count" FROM "Writes" """, cancellationToken);

    public override Sql HasTerms(IReadOnlyList<string> terms) => $"""
        "Terms" @> {terms.ToArray()}
        """;

    // These operators compare byte by byte, independent of the collation of the database, and only they can use the index.
    public override Sql HasSubjectPrefix(string prefix)
    {
        var length = Math.Min(prefix.Length, IndexedCharacters);
        var indexed = prefix[..(char.IsHighSurrogate(prefix[length - 1]) ? length - 1 : length)];
        return $"""
            left("Subject", 200) ~>=~ {indexed} AND left("Subject", 200) ~<~ {EndOf(indexed)} AND starts_with("Subject", {prefix})
            """;
    }

    public override Task InsertEventsAsync(IReadOnlyList<EventEntry> entries, CancellationToken cancellationToken) =>
        Insert.ExecuteAsync(this, entries, read: null, cancellationToken);

    public override Task DeleteEventsAsync(IReadOnlyList<long> seqs, CancellationToken cancellationToken) =>
        ExecuteAsync($"""DELETE FROM "Events" WHERE {AnyOf("Seq", seqs)}""", cancellationToken);

    // The lock is not bound to the transaction of a migration, so that no other replica begins the next migration. It ends with its connection, which must not return to the pool.
    public override async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var unpooled = CreateSource(new NpgsqlConnectionStringBuilder(settings) { Pooling = false }.ConnectionString);
        await using var connection = await OpenOrCreateAsync(unpooled, cancellationToken);
        await using var command = new NpgsqlCommand("SELECT pg_advisory_lock(@key)", connection) { Parameters = { new("key", MigrationLock) }, CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);

        // Creating an index on a large history takes minutes. With the default time-out of 30 s, the migration would fail at each start.
        await MigrationScripts.ApplyAsync(connection, "PostgreSql", HistoryExists, MaxMigrationTime, cancellationToken);
    }

    /// <summary>Whether a failure would affect every write (server unreachable or out of resources), and not only the entries of this write.</summary>
    public static bool IsUnavailable(Exception exception) => exception switch
    {
        PostgresException postgres => postgres.IsTransient || UnavailableClasses.Contains(postgres.SqlState[..2]),
        NpgsqlException or TimeoutException => true,
        _ => false,
    };

    protected override Sql AnyOf(Sql column, string[] values) => $"{column} = ANY ({values})";

    protected override Sql AnyOf(Sql column, long[] values) => $"{column} = ANY ({values})";

    private async Task<NpgsqlConnection> OpenOrCreateAsync(NpgsqlDataSource unpooled, CancellationToken cancellationToken)
    {
        try
        {
            return await unpooled.OpenConnectionAsync(cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            await CreateDatabaseAsync(cancellationToken);
            return await unpooled.OpenConnectionAsync(cancellationToken);
        }
    }

    private async Task CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        await using var maintenance = CreateSource(new NpgsqlConnectionStringBuilder(settings) { Database = MaintenanceDatabase, Pooling = false }.ConnectionString);
        await using var connection = await maintenance.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"CREATE DATABASE \"{Inner.Database.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
