using System.Data;
using System.Data.Common;

namespace MLEvents.Dashboard.History;

/// <summary>
/// A connection to the database of the history. The first command opens it. The two derived classes contain the differences between the databases.
/// </summary>
/// <param name="connection">The closed connection, which is disposed of together with this object.</param>
internal abstract class HistoryConnection(DbConnection connection) : IDisposable, IAsyncDisposable
{
    /// <summary>The largest number of rows in one INSERT statement.</summary>
    public abstract int RowsPerInsert { get; }

    /// <summary>The connection of the provider.</summary>
    internal DbConnection Inner => connection;

    /// <summary>The condition that an event has all of the terms.</summary>
    public abstract Sql HasTerms(IReadOnlyList<string> terms);

    /// <summary>The condition that the subject of an event begins with a prefix, case-sensitive. The condition uses the index of subjects. The prefix must not be empty.</summary>
    public abstract Sql HasSubjectPrefix(string prefix);

    /// <summary>The condition that a column has one of the values.</summary>
    public Sql AnyOf(string column, IReadOnlyList<string> values)
    {
        // With one value, an index can also return the rows in the requested order.
        var name = Sql.Column(column);
        if (values is [var only])
        {
            return $"{name} = {only}";
        }

        return AnyOf(name, [.. values]);
    }

    /// <summary>The condition that a column has one of the values.</summary>
    public Sql AnyOf(string column, IReadOnlyList<long> values) => AnyOf(Sql.Column(column), [.. values]);

    /// <summary>Begins a transaction. All later commands of this connection belong to it until it is committed or disposed of.</summary>
    public async Task<DbTransaction> BeginTransactionAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        return await connection.BeginTransactionAsync(cancellationToken);
    }

    /// <summary>Begins the transaction of a write. Only one replica writes at a time, because every write changes the counts of the current hour.</summary>
    public abstract Task<DbTransaction> BeginWriteAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Returns the number of transactions that all replicas have written; 0 if the database does not count them. SQLite does not count them, because only one replica uses its file.
    /// <see cref="HistorySignal.Writes"/> counts the transactions of that replica.
    /// </summary>
    public virtual Task<long> CountWritesAsync(CancellationToken cancellationToken) => Task.FromResult(0L);

    /// <summary>Inserts events that are not stored yet, with their terms. The keys of the events must be distinct.</summary>
    public abstract Task InsertEventsAsync(IReadOnlyList<EventEntry> entries, CancellationToken cancellationToken);

    /// <summary>Deletes events with their terms.</summary>
    public abstract Task DeleteEventsAsync(IReadOnlyList<long> seqs, CancellationToken cancellationToken);

    /// <summary>Applies pending migrations. Replicas that start at the same time wait for each other.</summary>
    public abstract Task MigrateAsync(CancellationToken cancellationToken);

    /// <summary>Executes a query, and reads all of its rows.</summary>
    public async Task<IReadOnlyList<TRow>> QueryAsync<TRow>(Sql query, Func<DbDataReader, TRow> read, CancellationToken cancellationToken)
    {
        await using var command = await CreateCommandAsync(cancellationToken);
        query.ApplyTo(command);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<TRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>Executes a query, and reads all of its rows. The thread waits for the database.</summary>
    public IReadOnlyList<TRow> Query<TRow>(Sql query, Func<DbDataReader, TRow> read)
    {
        using var command = CreateCommand();
        query.ApplyTo(command);
        using var reader = command.ExecuteReader();
        var rows = new List<TRow>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>Executes a query that returns one number.</summary>
    public async Task<long> CountAsync(Sql query, CancellationToken cancellationToken) => (await QueryAsync(query, row => row.GetInt64(0), cancellationToken))[0];

    /// <summary>Executes statements.</summary>
    /// <returns>The number of rows that were inserted, updated or deleted.</returns>
    public async Task<int> ExecuteAsync(Sql statements, CancellationToken cancellationToken)
    {
        await using var command = await CreateCommandAsync(cancellationToken);
        statements.ApplyTo(command);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Executes statements. The thread waits for the database.</summary>
    public void Execute(Sql statements)
    {
        using var command = CreateCommand();
        statements.ApplyTo(command);
        command.ExecuteNonQuery();
    }

    /// <summary>Opens the connection if necessary, and creates a command in the current transaction.</summary>
    internal async Task<DbCommand> CreateCommandAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        return connection.CreateCommand();
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => connection.DisposeAsync();

    /// <summary>Returns a string that is greater than all strings with a prefix, in the order of code points.</summary>
    protected static string EndOf(string prefix) => $"{prefix}\U0010FFFF";

    /// <summary>The condition that a column has one of the values.</summary>
    protected abstract Sql AnyOf(Sql column, string[] values);

    /// <summary>The condition that a column has one of the values.</summary>
    protected abstract Sql AnyOf(Sql column, long[] values);

    /// <summary>Opens the connection if it is closed.</summary>
    protected Task OpenAsync(CancellationToken cancellationToken) => connection.State == ConnectionState.Closed ? connection.OpenAsync(cancellationToken) : Task.CompletedTask;

    private DbCommand CreateCommand()
    {
        if (connection.State == ConnectionState.Closed)
        {
            connection.Open();
        }

        return connection.CreateCommand();
    }
}
