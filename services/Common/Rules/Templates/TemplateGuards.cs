using System.Text;

namespace MLEvents.Rules;

/// <summary>Adds filters of our own to each output of a template: one that insists on a value, and one that writes the value as the target needs it.</summary>
/// <param name="Source">The template with those filters.</param>
/// <param name="Outputs">The outputs as their author wrote them; the filters refer to them by index.</param>
internal sealed record TemplateGuards(string Source, IReadOnlyList<string> Outputs)
{
    /// <summary>The filter that insists on a value.</summary>
    public const string Require = "mlevents_require";

    /// <summary>The filter that writes a value.</summary>
    public const string Write = "mlevents_write";

    /// <summary>Adds the filters.</summary>
    public static TemplateGuards Add(IReadOnlyList<TemplateSegment> segments)
    {
        var source = new StringBuilder();
        var outputs = new List<string>();
        foreach (var segment in segments)
        {
            if (segment.Kind == TemplateSegmentKind.Output)
            {
                source.Append(segment.Opening).Append(' ').Append(Guarded(segment.Markup, outputs.Count)).Append(' ').Append(segment.Closing);
                outputs.Add(segment.Markup);
            }
            else
            {
                source.Append(segment.Text);
            }
        }

        return new TemplateGuards(source.ToString(), outputs);
    }

    // A default anywhere among the filters says that a missing value is expected.
    private static string Guarded(string markup, int index)
    {
        var parts = SplitFilters(markup);
        var filters = parts.Skip(1).ToList();
        var hasDefault = filters.Exists(filter => filter.TrimStart().StartsWith("default", StringComparison.Ordinal));
        return string.Join(" |", [parts[0], .. hasDefault ? [] : new[] { $" {Require}: {index}" }, .. filters, $" {Write}: {index}"]);
    }

    private static List<string> SplitFilters(string markup)
    {
        var parts = new List<string>();
        var (start, quote) = (0, '\0');
        for (var at = 0; at < markup.Length; at++)
        {
            var letter = markup[at];
            if (quote != '\0')
            {
                quote = letter == quote ? '\0' : quote;
            }
            else if (letter is '"' or '\'')
            {
                quote = letter;
            }
            else if (letter == '|')
            {
                parts.Add(markup[start..at].TrimEnd());
                start = at + 1;
            }
        }

        return [.. parts, markup[start..].TrimEnd()];
    }
}
