using System.Data.Common;
using System.Globalization;
using System.Text;

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace MLEvents.Dashboard.History;

/// <summary>An INSERT statement for many rows, in SQL that both databases accept. Chunks with the same number of rows share one command.</summary>
/// <typeparam name="TRow">The type from which the values of a row are read.</typeparam>
/// <param name="table">The table's name.</param>
/// <param name="conflict">The SQL after the rows: the ON CONFLICT clause.</param>
/// <param name="columns">The columns, each with a function that reads its value.</param>
internal sealed class InsertCommand<TRow>(string table, string conflict, params IReadOnlyList<(string Name, Func<TRow, object?> Value)> columns)
{
    private readonly string _head = $"INSERT INTO \"{table}\" ({string.Join(", ", columns.Select(column => $"\"{column.Name}\""))}) VALUES ";

    /// <summary>Inserts the rows, within the current transaction of the context.</summary>
    /// <param name="context">The context.</param>
    /// <param name="rows">The rows. They must not conflict with each other.</param>
    /// <param name="read">Reads a row that the statement returns; null if the statement returns no rows.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    public async Task ExecuteAsync(HistoryContext context, IReadOnlyList<TRow> rows, Action<DbDataReader>? read, CancellationToken cancellationToken)
    {
        foreach (var statement in rows.Chunk(context.RowsPerInsert).GroupBy(chunk => chunk.Length))
        {
            await using var command = Create(context, statement.Key);
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

    private DbCommand Create(HistoryContext context, int rows)
    {
        var command = context.Database.GetDbConnection().CreateCommand();
        command.Transaction = context.Database.CurrentTransaction?.GetDbTransaction();
        var text = new StringBuilder(_head);
        for (var row = 0; row < rows; row++)
        {
            text.Append(row == 0 ? "(" : ", (").AppendJoin(", ", columns.Select(_ => AddParameter(command))).Append(')');
        }

        command.CommandText = text.Append(' ').Append(conflict).ToString();
        return command;
    }

    private static string AddParameter(DbCommand command)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"@p{command.Parameters.Count}");
        command.Parameters.Add(parameter);
        return parameter.ParameterName;
    }

    private void SetValues(DbCommand command, TRow[] rows)
    {
        for (var index = 0; index < command.Parameters.Count; index++)
        {
            command.Parameters[index].Value = columns[index % columns.Count].Value(rows[index / columns.Count]) switch
            {
                null => DBNull.Value,
                DateTimeOffset time => time.UtcTicks,
                string value => StorableText.From(value),
                var value => value,
            };
        }
    }
}
