using System.Text;

namespace MLEvents.Dashboard.History;

/// <summary>
/// Replaces NUL and unpaired surrogates with U+FFFD, because PostgreSQL refuses these characters in text. Events, addresses and forms can contain them.
/// Stored text and search parameters get the same replacement, so that a search finds such text.
/// </summary>
internal static class StorableText
{
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
}
