using System.Data.Common;
using System.Reflection;

namespace MLEvents.Dashboard.History;

/// <summary>
/// Applies the SQL of pending migrations, which is embedded in the assembly. The table of the applied migrations has the form that Entity Framework gave it, because earlier
/// versions used Entity Framework.
/// </summary>
internal static class MigrationScripts
{
    private const string CreateHistory = """
        CREATE TABLE "__EFMigrationsHistory" ("MigrationId" character varying(150) NOT NULL CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY, "ProductVersion" character varying(32) NOT NULL)
        """;

    // The version of the dashboard. Nothing reads it.
    private static string Version { get; } = $"{typeof(MigrationScripts).Assembly.GetName().Version}";

    /// <summary>The migrations of a provider with their SQL, in the order in which they are applied.</summary>
    /// <param name="provider">The folder of the scripts: <c>Sqlite</c> or <c>PostgreSql</c>.</param>
    public static IReadOnlyList<(string Id, Func<string> Sql)> Of(string provider)
    {
        var assembly = typeof(MigrationScripts).Assembly;
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith($"{provider}/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
                .Select(name => (Path.GetFileNameWithoutExtension(name), (Func<string>)(() => Read(assembly, name)))),
        ];
    }

    /// <summary>Applies the migrations that the database does not have yet. The caller must hold the migration lock.</summary>
    /// <param name="connection">The open connection.</param>
    /// <param name="provider">The folder of the scripts.</param>
    /// <param name="historyExists">A query that returns a row if the table of applied migrations exists.</param>
    /// <param name="timeout">The longest time that a migration may take; null for the default of the provider.</param>
    /// <param name="cancellationToken">Cancels the migration that is being applied.</param>
    public static async Task ApplyAsync(DbConnection connection, string provider, string historyExists, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var applied = await AppliedAsync(connection, historyExists, cancellationToken);
        foreach (var (id, sql) in Of(provider).Where(migration => !applied.Contains(migration.Id)))
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await ExecuteAsync(connection, transaction, sql(), timeout, cancellationToken);
            await ExecuteAsync(connection, transaction, $"""INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion") VALUES ('{id}', '{Version}')""", timeout, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    private static async Task<HashSet<string>> AppliedAsync(DbConnection connection, string historyExists, CancellationToken cancellationToken)
    {
        if ((await ReadAsync(connection, historyExists, cancellationToken)).Count == 0)
        {
            await ExecuteAsync(connection, transaction: null, CreateHistory, timeout: null, cancellationToken);
        }

        return await ReadAsync(connection, """SELECT "MigrationId" FROM "__EFMigrationsHistory" """, cancellationToken);
    }

    private static async Task<HashSet<string>> ReadAsync(DbConnection connection, string query, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = query;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    private static async Task ExecuteAsync(DbConnection connection, DbTransaction? transaction, string sql, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        command.CommandTimeout = timeout is { } longest ? (int)longest.TotalSeconds : command.CommandTimeout;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Read(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The assembly has no resource {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
