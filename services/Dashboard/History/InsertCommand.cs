using System.Data.Common;
using System.Text;

namespace MLEvents.Dashboard.History;

/// <summary>An INSERT statement for many rows, in SQL that both databases accept. Chunks with the same number of rows share one command.</summary>
/// <typeparam name="TRow">The type from which the values of a row are read.</typeparam>
/// <param name="table">The table's name.</param>
/// <param name="conflict">The SQL after the rows: the ON CONFLICT clause.</param>
/// <param name="columns">The columns, each with a function that reads its value.</param>
internal sealed class InsertCommand<TRow>(string table, string conflict, params IReadOnlyList<(string Name, Func<TRow, object?> Value)> columns)
{
    /// <summary>The names of the columns, separated by commas.</summary>
    public Sql Columns { get; } = Sql.Text(Names(columns));

    /// <summary>Inserts the rows, within the current transaction of the connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="rows">The rows. They must not conflict with each other.</param>
    /// <param name="read">Reads a row that the statement returns; null if the statement returns no rows.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    public async Task ExecuteAsync(HistoryConnection connection, IReadOnlyList<TRow> rows, Action<DbDataReader>? read, CancellationToken cancellationToken)
    {
        foreach (var statement in rows.Chunk(connection.RowsPerInsert).GroupBy(chunk => chunk.Length))
        {
            await using var command = await connection.CreateCommandAsync(cancellationToken);
            command.CommandText = Prepare(command, statement.Key);
            foreach (var chunk in statement)
            {
                SetValues(command, chunk);
                await ExecuteAsync(command, read, cancellationToken);
            }
        }
    }

    private static async Task ExecuteAsync(DbCommand command, Action<DbDataReader>? read, CancellationToken cancellationToken)
    {
        if (read is null)
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
            return;
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            read(reader);
        }
    }

    private static string Names(IReadOnlyList<(string Name, Func<TRow, object?> Value)> columns) => string.Join(", ", columns.Select(column => $"\"{column.Name}\""));

    // Adds the parameters of all rows, and returns the text of the statement.
    private string Prepare(DbCommand command, int rows)
    {
        var text = new StringBuilder($"INSERT INTO \"{table}\" ({Names(columns)}) VALUES ");
        for (var row = 0; row < rows; row++)
        {
            text.Append(row == 0 ? "(" : ", (").AppendJoin(", ", columns.Select(_ => CommandParameters.Add(command, value: null))).Append(')');
        }

        return text.Append(' ').Append(conflict).ToString();
    }

    private void SetValues(DbCommand command, TRow[] rows)
    {
        for (var index = 0; index < command.Parameters.Count; index++)
        {
            command.Parameters[index].Value = CommandParameters.ValueOf(columns[index % columns.Count].Value(rows[index / columns.Count]));
        }
    }
}
