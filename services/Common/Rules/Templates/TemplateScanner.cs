namespace MLEvents.Rules;

/// <summary>Parts a template into its own text, <c>{{ outputs }}</c> and <c>{% tags %}</c>.</summary>
internal sealed class TemplateScanner
{
    private readonly string _text;
    private readonly List<TemplateSegment> _segments = [];
    private int _at;

    private TemplateScanner(string text) => _text = text;

    /// <summary>Parts a template.</summary>
    /// <exception cref="TemplateException">An output or a tag is not closed.</exception>
    public static IReadOnlyList<TemplateSegment> Scan(string text)
    {
        var scanner = new TemplateScanner(text);
        while (scanner._at < text.Length)
        {
            scanner.ScanOne();
        }

        return scanner._segments;
    }

    /// <summary>An error at an offset within a template.</summary>
    public static TemplateException Error(string text, int offset, string message)
    {
        var before = text.AsSpan(0, offset);
        return new TemplateException(message, before.Count('\n') + 1, offset - before.LastIndexOf('\n'));
    }

    private void ScanOne()
    {
        var start = NextMark(_at);
        if (start > _at)
        {
            Add(TemplateSegmentKind.Literal, _at, start);
        }
        else
        {
            ScanMarkup(_text[_at + 1] == '{' ? TemplateSegmentKind.Output : TemplateSegmentKind.Tag);
        }
    }

    private void ScanMarkup(TemplateSegmentKind kind)
    {
        var close = kind == TemplateSegmentKind.Output ? "}}" : "%}";
        var end = EndOf(_at + 2, close);
        var segment = Add(kind, _at, end);
        if (kind == TemplateSegmentKind.Tag && segment.Name is "raw" or "comment")
        {
            ScanVerbatim(segment);
        }
    }

    // What raw and comment enclose is not looked into.
    private void ScanVerbatim(TemplateSegment opening)
    {
        for (var at = NextMark(_at); at < _text.Length; at = NextMark(at + 1))
        {
            if (_text[at + 1] == '%' && _text.AsSpan(at + 2).TrimStart("- \t").StartsWith($"end{opening.Name}", StringComparison.Ordinal))
            {
                if (at > _at)
                {
                    Add(TemplateSegmentKind.Literal, _at, at);
                }

                Add(TemplateSegmentKind.Tag, at, EndOf(at + 2, "%}"));
                return;
            }
        }

        throw Error(_text, opening.Offset, $"'{opening.Name}' is not closed by 'end{opening.Name}'");
    }

    private int NextMark(int from)
    {
        for (var at = from; at < _text.Length - 1; at++)
        {
            if (_text[at] == '{' && _text[at + 1] is '{' or '%')
            {
                return at;
            }
        }

        return _text.Length;
    }

    // Quotes may hold the closing braces.
    private int EndOf(int from, string close)
    {
        for (var at = from; at < _text.Length - 1; at++)
        {
            if (_text[at] is '"' or '\'')
            {
                var quote = _text.IndexOf(_text[at], at + 1);
                at = quote < 0 ? at : quote;
            }
            else if (_text[at] == close[0] && _text[at + 1] == close[1])
            {
                return at + 2;
            }
        }

        throw Error(_text, from - 2, $"'{_text.AsSpan(from - 2, 2)}' is not closed by '{close}'");
    }

    private TemplateSegment Add(TemplateSegmentKind kind, int from, int to)
    {
        var segment = new TemplateSegment(kind, _text[from..to], from);
        _segments.Add(segment);
        _at = to;
        return segment;
    }
}
