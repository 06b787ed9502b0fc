using System.Text;

namespace MLEvents.Rules.Templates;

/// <summary>Writes values into plain text. A value of an event must not look like a line of the template, such as a link.</summary>
internal static class PlainText
{
    private const string Indent = "    ";

    /// <summary>
    /// The value with all lines after the first indented. Control characters, except tabs, and characters that change the text direction are removed.
    /// </summary>
    public static string Continue(string value)
    {
        if (!value.Any(IsSpecial))
        {
            return value;
        }

        var text = new StringBuilder(value.Length);
        foreach (var character in value.ReplaceLineEndings("\n"))
        {
            _ = character == '\n' ? text.Append('\n').Append(Indent) : IsSpecial(character) ? text : text.Append(character);
        }

        return text.ToString();
    }

    // U+2028 and U+2029 end a line. The others are embeddings, overrides and isolates of the bidirectional algorithm.
    private static bool IsSpecial(char character) =>
        character is (>= '\u2028' and <= '\u202E') or (>= '\u2066' and <= '\u2069') || (char.IsControl(character) && character != '\t');
}
