using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization;

using Microsoft.Data.Sqlite;

namespace MLEvents.Dashboard.History;

/// <summary>The history in a SQLite file. The search terms are in a contentless full-text index, whose row id is the <see cref="StoredEvent.Seq"/> of the event.</summary>
internal sealed class SqliteHistoryConnection(SqliteConnection connection) : HistoryConnection(connection)
{
    private static readonly InsertCommand<EventEntry> Insert = new("Events", """ON CONFLICT ("Key") DO NOTHING RETURNING "Seq", "Key" """, HistoryInserts.EventColumns);

    private static readonly InsertCommand<(long Seq, string[] Terms)> InsertTerms = new(
        "EventTerms", "", ("rowid", row => row.Seq), ("Terms", row => string.Join(' ', row.Terms)));

    // SQLITE_BUSY, _LOCKED, _READONLY, _IOERR, _FULL, _CANTOPEN
    private static readonly int[] UnavailableCodes = [5, 6, 8, 10, 13, 14];

    private const string HistoryExists = """SELECT name FROM sqlite_master WHERE name = '__EFMigrationsHistory'""";

    // A statement costs no round trip in SQLite. SQLite finds each parameter by a linear search over all of them, so a statement with many rows would be slower.
    public override int RowsPerInsert => 1;

    // The page cache of the connection may grow to 16 MiB, because later writes change the same index pages again. The undo information of a single
    // statement stays in memory. Without this setting, SQLite writes it to a file for each entry. The write-ahead log is copied to the database after 4,000
    // pages instead of 1,000, because most transactions change the same pages again. SQLite does not store these settings in the database.
    public override async Task<DbTransaction> BeginWriteAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync($"PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000;", cancellationToken);
        return await BeginTransactionAsync(cancellationToken);
    }

    public override Sql HasTerms(IReadOnlyList<string> terms) =>
        $"""
        "Seq" IN (SELECT rowid FROM "EventTerms" WHERE "EventTerms" MATCH {string.Join(' ', terms.Select(term => $"\"{term}\""))})
        """;

    // SQLite compares text byte by byte, and the byte order of UTF-8 is the order of code points.
    public override Sql HasSubjectPrefix(string prefix) => $"""
        "Subject" >= {prefix} AND "Subject" < {EndOf(prefix)}
        """;

    public override async Task InsertEventsAsync(IReadOnlyList<EventEntry> entries, CancellationToken cancellationToken)
    {
        var terms = entries.ToDictionary(entry => entry.Event.Key, entry => entry.Terms);
        var added = new List<(long Seq, string[] Terms)>();
        await Insert.ExecuteAsync(this, entries, row => added.Add((row.GetInt64(0), terms[row.GetString(1)])), cancellationToken);
        await InsertTerms.ExecuteAsync(this, added, read: null, cancellationToken);
    }

    public override async Task DeleteEventsAsync(IReadOnlyList<long> seqs, CancellationToken cancellationToken)
    {
        await using var transaction = await BeginTransactionAsync(cancellationToken);
        foreach (var seq in seqs)
        {
            await ExecuteAsync($"""DELETE FROM "EventTerms" WHERE rowid = {seq}""", cancellationToken);
        }

        await ExecuteAsync($"""DELETE FROM "Events" WHERE {AnyOf("Seq", seqs)}""", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public override async Task MigrateAsync(CancellationToken cancellationToken)
    {
        var file = Path.GetFullPath(connection.DataSource);
        Directory.CreateDirectory(Path.GetDirectoryName(file) ?? file);
        await using var migrationLock = new FileStream(file + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        if (!File.Exists(file))
        {
            CreateForOwner(file);
        }

        // Versions up to November 2026 also used the lock of Entity Framework, a table row that remains after its process was killed. Nothing reads it anymore.
        await OpenAsync(cancellationToken);
        await MigrationScripts.ApplyAsync(connection, "Sqlite", HistoryExists, timeout: null, cancellationToken);
        await ExecuteAsync($"PRAGMA journal_mode = WAL", cancellationToken);
    }

    /// <summary>Whether a failure would affect every write (file locked or not accessible, disk full), and not only the entries of this write.</summary>
    public static bool IsUnavailable(Exception exception) => exception switch
    {
        SqliteException sqlite => UnavailableCodes.Contains(sqlite.SqliteErrorCode),
        _ => exception is IOException or UnauthorizedAccessException,
    };

    // A list is one parameter, because SQLite finds each parameter by a linear search.
    protected override Sql AnyOf(Sql column, string[] values) =>
        $"{column} IN (SELECT value FROM json_each({JsonSerializer.Serialize(Array.ConvertAll(values, StorableText.From), ValuesJson.Default.StringArray)}))";

    protected override Sql AnyOf(Sql column, long[] values) => $"{column} IN (SELECT value FROM json_each({JsonSerializer.Serialize(values, ValuesJson.Default.Int64Array)}))";

    // Events may contain data that other users of the machine must not read. SQLite creates its journals with the mode of the database file.
    private static void CreateForOwner(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var created = new FileStream(file, options);
    }
}

/// <summary>The generated JSON code for the values of a list.</summary>
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(long[]))]
internal sealed partial class ValuesJson : JsonSerializerContext;
