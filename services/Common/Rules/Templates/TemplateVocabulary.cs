using System.Text.RegularExpressions;

namespace MLEvents.Rules;

/// <summary>Which variables, tags and filters a template may use; anything else is an error when the template is parsed, not when it is needed.</summary>
internal static partial class TemplateVocabulary
{
    /// <summary>The members of the variables whose members are known beforehand.</summary>
    private static readonly Dictionary<string, string[]> Members = new(StringComparer.Ordinal)
    {
        ["workspace"] = ["subscriptionId", "resourceGroup", "name", "id"],
        ["model"] = ["name", "version", "id"],
    };

    private static readonly string[] Roots = ["id", "source", "type", "eventType", "subject", "time", "data", "workspace", "studioUrl", "correlationId"];

    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "and", "or", "not", "contains", "in", "true", "false", "nil", "null", "empty", "blank", "limit", "offset", "reversed", "forloop",
    };

    private static readonly string[] Tags =
    [
        "if", "elsif", "else", "endif", "unless", "endunless", "case", "when", "endcase", "for", "endfor", "break", "continue",
        "assign", "comment", "endcomment", "raw", "endraw",
    ];

    private static readonly string[] Filters =
    [
        "abs", "append", "at_least", "at_most", "capitalize", "ceil", "compact", "concat", "date", "default", "divided_by", "downcase", "first", "floor",
        "join", "json", "last", "lstrip", "map", "minus", "modulo", "plus", "prepend", "remove", "remove_first", "replace", "replace_first", "reverse",
        "round", "rstrip", "size", "slice", "sort", "split", "strip", "strip_html", "strip_newlines", "times", "truncate", "truncatewords", "uniq", "upcase",
        "url_encode", "where",
    ];

    /// <summary>What is wrong with the words of a template; null if nothing is.</summary>
    public static (int Offset, string Message)? Problem(IReadOnlyList<TemplateSegment> segments, IReadOnlyCollection<string> extra)
    {
        var locals = segments.Where(segment => segment.Name is "assign" or "for").Select(segment => LocalPattern().Match(segment.Arguments).Groups[1].Value);
        HashSet<string> roots = [.. Roots, .. extra, .. locals];
        return segments
            .Where(segment => segment.Kind != TemplateSegmentKind.Literal)
            .Select(segment => (segment.Offset, Message: EmptyOutput(segment) ?? UnknownTag(segment) ?? UnknownFilter(segment) ?? UnknownVariable(segment, roots)))
            .Where(found => found.Message is not null)
            .Select(found => ((int, string)?)(found.Offset, found.Message ?? ""))
            .FirstOrDefault();
    }

    private static string? EmptyOutput(TemplateSegment segment) =>
        segment.Kind == TemplateSegmentKind.Output && (segment.Markup.Length == 0 || segment.Markup[0] == '|') ? "an output is empty" : null;

    private static string? UnknownTag(TemplateSegment segment) =>
        segment.Kind != TemplateSegmentKind.Tag || Tags.Contains(segment.Name) ? null : $"the tag '{segment.Name}' is not known{Nearest.Hint(segment.Name, Tags)}";

    private static string? UnknownFilter(TemplateSegment segment) =>
        FilterPattern().Matches(Unquoted(segment.Markup)).Select(match => match.Groups[1].Value).FirstOrDefault(name => !Filters.Contains(name)) is { } unknown
            ? $"the filter '{unknown}' is not known{Nearest.Hint(unknown, Filters)}"
            : null;

    private static string? UnknownVariable(TemplateSegment segment, HashSet<string> roots)
    {
        var text = FilterPattern().Replace(Unquoted(segment.Kind == TemplateSegmentKind.Tag ? segment.Arguments : segment.Markup), " ");
        foreach (var match in VariablePattern().Matches(text).Where(match => !Words.Contains(match.Groups["root"].Value)))
        {
            var (root, member) = (match.Groups["root"].Value, match.Groups["member"].Value);
            if (!roots.Contains(root))
            {
                return $"the variable '{root}' is not known{Nearest.Hint(root, roots)}";
            }

            if (member.Length > 0 && Members.TryGetValue(root, out var members) && !members.Contains(member))
            {
                return $"the variable '{root}.{member}' is not known{Nearest.Hint(member, members)}";
            }
        }

        return null;
    }

    // Blanks keep a quoted text from joining what stands before and after it.
    private static string Unquoted(string markup) => QuotedPattern().Replace(markup, " ");

    [GeneratedRegex("""^\s*([A-Za-z_][\w-]*)""")]
    private static partial Regex LocalPattern();

    [GeneratedRegex("""\|\s*(\w+)""")]
    private static partial Regex FilterPattern();

    [GeneratedRegex("""(?<![\w.\]-])(?<root>[A-Za-z_][\w-]*)(?:\.(?<member>[\w-]+))?""")]
    private static partial Regex VariablePattern();

    [GeneratedRegex("""
        "[^"]*"|'[^']*'
        """)]
    private static partial Regex QuotedPattern();
}
