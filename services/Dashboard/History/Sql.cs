using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text;

namespace MLEvents.Dashboard.History;

/// <summary>
/// An SQL statement or a part of one. In an interpolated string, each value becomes a parameter, and each nested part is inserted as it is.
/// A value never becomes text of the statement.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Sql
{
    // A part is either text or the value of a parameter.
    private readonly List<(string? Text, object? Value)> _parts;

    /// <summary>Creates an empty part. The compiler calls this constructor for each interpolated string.</summary>
    public Sql(int literalLength, int formattedCount)
    {
        // The text is built only when a command gets it, so its length is not used.
        _ = literalLength;
        _parts = new((2 * formattedCount) + 1);
    }

    /// <summary>The part without any text.</summary>
    public static Sql Empty { get; } = new(0, 0);

    /// <summary>Creates a part from text of the program, for instance the names of columns. The text must not come from input.</summary>
    public static Sql Text(string text)
    {
        var sql = new Sql(text.Length, 0);
        sql.AppendLiteral(text);
        return sql;
    }

    /// <summary>Creates the quoted name of a column.</summary>
    public static Sql Column(string name) => Text($"\"{name}\"");

    /// <summary>The condition that compares a column with a value; null if the value is null or empty.</summary>
    public static Sql? Compare(string column, string comparison, string? value)
    {
        if (value is not { Length: > 0 })
        {
            return null;
        }

        return $"{Column(column)} {Text(comparison)} {value}";
    }

    /// <summary>The condition that compares a column with a value; null if the value is null.</summary>
    public static Sql? Compare(string column, string comparison, long? value)
    {
        if (value is not { } number)
        {
            return null;
        }

        return $"{Column(column)} {Text(comparison)} {number}";
    }

    /// <summary>The condition that compares a column with a time; null if the time is null.</summary>
    public static Sql? Compare(string column, string comparison, DateTimeOffset? value) => Compare(column, comparison, value?.UtcTicks);

    /// <summary>A WHERE clause with all conditions that are not null; empty if there are none.</summary>
    public static Sql Where(params IEnumerable<Sql?> conditions)
    {
        var where = new Sql(0, 0);
        foreach (var condition in conditions.OfType<Sql>())
        {
            where.AppendLiteral(where._parts.Count == 0 ? "WHERE (" : " AND (");
            where.AppendFormatted(condition);
            where.AppendLiteral(")");
        }

        return where;
    }

    /// <summary>
    /// The condition that a column begins with a prefix, case-sensitive. Both databases count code points in substrings. LIKE is not used, because it ignores letter case in SQLite.
    /// </summary>
    public static Sql StartsWith(string column, string prefix) => $"substr({Column(column)}, 1, {prefix.EnumerateRunes().Count()}) = {prefix}";

    public void AppendLiteral(string text) => _parts.Add((text, null));

    public void AppendFormatted(Sql part) => _parts.AddRange(part._parts);

    public void AppendFormatted(string value) => _parts.Add((null, value));

    public void AppendFormatted(string[] values) => _parts.Add((null, values));

    public void AppendFormatted(int value) => _parts.Add((null, value));

    public void AppendFormatted(long value) => _parts.Add((null, value));

    public void AppendFormatted(long[] values) => _parts.Add((null, values));

    public void AppendFormatted(bool value) => _parts.Add((null, value));

    public void AppendFormatted(DateTimeOffset value) => _parts.Add((null, value));

    /// <summary>Sets the text and the parameters of a new command.</summary>
    public void ApplyTo(DbCommand command)
    {
        var text = new StringBuilder();
        foreach (var (literal, value) in _parts)
        {
            text.Append(literal ?? CommandParameters.Add(command, value));
        }

        command.CommandText = text.ToString();
    }
}
