using System.Data.Common;
using System.Text;

using Microsoft.EntityFrameworkCore.Diagnostics;

namespace MLEvents.Dashboard.History;

/// <summary>
/// Replaces NUL and unpaired surrogates with U+FFFD, because PostgreSQL refuses these characters in text. Events, addresses and forms can contain them.
/// Stored text and search parameters get the same replacement, so that a search finds such text.
/// </summary>
internal sealed class StorableText : DbCommandInterceptor
{
    /// <summary>The interceptor of all contexts.</summary>
    public static StorableText Parameters { get; } = new();

    /// <summary>Returns the text in a form that both databases accept.</summary>
    public static string From(string text)
    {
        if (!text.Contains('\0', StringComparison.Ordinal) && text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
        {
            return text;
        }

        var storable = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            storable.Append(rune.Value == 0 ? Rune.ReplacementChar : rune);
        }

        return storable.ToString();
    }

    /// <inheritdoc/>
    public override DbCommand CommandInitialized(CommandEndEventData eventData, DbCommand result)
    {
        foreach (DbParameter parameter in result.Parameters)
        {
            parameter.Value = parameter.Value switch
            {
                string text => From(text),
                IEnumerable<string> texts => texts.Select(From).ToArray(),
                var value => value,
            };
        }

        return result;
    }
}
