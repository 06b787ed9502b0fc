using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

using Npgsql;

namespace MLEvents.Dashboard.History;

/// <summary>The history in PostgreSQL. The search terms are a column of the events with an inverted index.</summary>
internal sealed class PostgreSqlHistoryContext(DbContextOptions<PostgreSqlHistoryContext> options) : HistoryContext(options)
{
    private static readonly InsertCommand<EventEntry> Insert = new(
        "Events", """ON CONFLICT ("Key") DO NOTHING""", [.. HistoryInserts.EventColumns, ("Terms", row => row.Terms)]);

    // Classes of SQLSTATE: connection exception, insufficient resources, operator intervention, system error.
    private static readonly string[] UnavailableClasses = ["08", "53", "57", "58"];

    private static readonly TimeSpan MaxMigrationTime = TimeSpan.FromHours(1);

    private const string HistoryExists = """SELECT 'yes' WHERE to_regclass('"__EFMigrationsHistory"') IS NOT NULL""";

    // The key of an advisory lock, which no other user of the database may use: "mlevents" in ASCII.
    private const long MigrationLock = 0x6D6C6576656E7473;

    // The key of the lock that a transaction holds until its end: "mlwrites" in ASCII.
    private const long WriteLock = 0x6D6C777269746573;

    // The index of subjects contains the first 200 code points of a subject. A prefix of 200 UTF-16 units never has more than 200 code points.
    private const int IndexedCharacters = 200;

    // Each statement costs a round trip, so it inserts many rows. PostgreSQL accepts up to 65,535 parameters.
    public override int RowsPerInsert => 100;

    // The lock and the count share a round trip. The count becomes visible with the entries of the transaction. A sequence would change before the entries are visible.
    public override async Task<IDbContextTransaction> BeginWriteAsync(CancellationToken cancellationToken)
    {
        var transaction = await base.BeginWriteAsync(cancellationToken);
        await Database.ExecuteSqlAsync($"""SELECT pg_advisory_xact_lock({WriteLock}); UPDATE "Writes" SET "Count" = "Count" + 1""", cancellationToken);
        return transaction;
    }

    public override Task<long> CountWritesAsync(CancellationToken cancellationToken) =>
        Database.SqlQuery<long>($"""SELECT "Count" AS "Value" FROM "Writes" """).SingleAsync(cancellationToken);

    public override IQueryable<StoredEvent> EventsWithTerms(IReadOnlyList<string> terms) =>
        Events.FromSqlRaw("""SELECT * FROM "Events" WHERE "Terms" @> {0}""", new object[] { terms.ToArray() });

    // These operators compare byte by byte, independent of the collation of the database, and only they can use the index.
    public override IQueryable<StoredEvent> EventsWithSubject(string prefix)
    {
        var length = Math.Min(prefix.Length, IndexedCharacters);
        var indexed = prefix[..(char.IsHighSurrogate(prefix[length - 1]) ? length - 1 : length)];
        return Events.FromSqlRaw("""SELECT * FROM "Events" WHERE left("Subject", 200) ~>=~ {0} AND left("Subject", 200) ~<~ {1} AND starts_with("Subject", {2})""", indexed, EndOf(indexed), prefix);
    }

    public override Task InsertEventsAsync(IReadOnlyList<EventEntry> entries, CancellationToken cancellationToken) =>
        Insert.ExecuteAsync(this, entries, read: null, cancellationToken);

    public override Task<int> DeleteEventsAsync(IReadOnlyList<long> seqs, CancellationToken cancellationToken) =>
        Events.Where(stored => seqs.Contains(stored.Seq)).ExecuteDeleteAsync(cancellationToken);

    // The provider's own lock ends with the transaction of each migration, so another replica could begin the next migration at the same time. MigrationLock ends with its connection.
    public override async Task MigrateAsync(CancellationToken cancellationToken)
    {
        var creator = this.GetService<IRelationalDatabaseCreator>();
        if (!await creator.ExistsAsync(cancellationToken))
        {
            await creator.CreateAsync(cancellationToken);
        }

        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Database.GetConnectionString()) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT pg_advisory_lock(@key)", connection) { Parameters = { new("key", MigrationLock) }, CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);

        // Creating an index on a large history takes minutes. With the default time-out of 30 s, the migration would fail at each start.
        await MigrationScripts.ApplyAsync(connection, "PostgreSql", HistoryExists, MaxMigrationTime, cancellationToken);
    }

    public override bool IsUnavailable(Exception exception) => exception switch
    {
        PostgresException postgres => postgres.IsTransient || UnavailableClasses.Contains(postgres.SqlState[..2]),
        NpgsqlException or TimeoutException => true,
        _ => false,
    };
}
