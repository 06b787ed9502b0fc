using System.Data.Common;
using System.Text;

using Microsoft.EntityFrameworkCore.Diagnostics;

namespace MLEvents.Dashboard.History;

/// <summary>
/// Replaces what PostgreSQL refuses in text, the character NUL and half of a surrogate pair, with U+FFFD: such text comes from events, from addresses and from forms.
/// The same replacement in stored text and in searches lets both meet.
/// </summary>
internal sealed class StorableText : DbCommandInterceptor
{
    /// <summary>The interceptor of all contexts.</summary>
    public static StorableText Parameters { get; } = new();

    /// <summary>The text in a form that either database stores.</summary>
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
