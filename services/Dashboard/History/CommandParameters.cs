using System.Data.Common;
using System.Globalization;

namespace MLEvents.Dashboard.History;

/// <summary>The parameters of commands.</summary>
internal static class CommandParameters
{
    /// <summary>Adds a parameter.</summary>
    /// <returns>The name of the parameter.</returns>
    public static string Add(DbCommand command, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"@p{command.Parameters.Count}");
        parameter.Value = ValueOf(value);
        command.Parameters.Add(parameter);
        return parameter.ParameterName;
    }

    /// <summary>
    /// Returns a value in the form in which it is stored. Times are stored as UTC ticks, because SQLite has no type for times, and both databases compare numbers in the same way.
    /// </summary>
    public static object ValueOf(object? value) => value switch
    {
        null => DBNull.Value,
        DateTimeOffset time => time.UtcTicks,
        string text => StorableText.From(text),
        string[] texts => Array.ConvertAll(texts, StorableText.From),
        _ => value,
    };
}
