namespace MLEvents.Rules;

/// <summary>A part of a template, with its braces, and where it begins.</summary>
internal sealed record TemplateSegment(TemplateSegmentKind Kind, string Text, int Offset)
{
    /// <summary>What stands between the braces, without those and the dashes that trim white space.</summary>
    public string Markup { get; } = HasBraces(Kind) ? Text[2..^2].Trim().Trim('-').Trim() : Text;

    /// <summary>A tag's name; empty if it has none.</summary>
    public string Name => Kind != TemplateSegmentKind.Tag ? "" : new string([.. Markup.TakeWhile(char.IsAsciiLetter)]);

    /// <summary>What follows a tag's name.</summary>
    public string Arguments => Markup[Name.Length..];

    /// <summary>The opening braces, with the dash if there is one.</summary>
    public string Opening => Text.StartsWith("{{-", StringComparison.Ordinal) ? "{{-" : "{{";

    /// <summary>The closing braces, with the dash if there is one.</summary>
    public string Closing => Text.EndsWith("-}}", StringComparison.Ordinal) ? "-}}" : "}}";

    private static bool HasBraces(TemplateSegmentKind kind) => kind != TemplateSegmentKind.Literal;
}

/// <summary>What a part of a template is.</summary>
internal enum TemplateSegmentKind
{
    /// <summary>The template's own text.</summary>
    Literal,

    /// <summary><c>{{ … }}</c>.</summary>
    Output,

    /// <summary><c>{% … %}</c>.</summary>
    Tag,
}
