using System.Runtime.CompilerServices;

using Fluid.Ast;
using Fluid.Parser;

using MLEvents.Rules.Reading;

using Parlot;

using ParseException = Fluid.ParseException;

namespace MLEvents.Rules.Templates;

/// <summary>A template's text while it is parsed, with the position of each output and tag. Fluid's tree does not contain positions.</summary>
internal sealed class LiquidSource : FluidParseContext
{
    private const int MaxQuoted = 100;

    // Parlot treats this character as the end of the text, and then reads past the real end.
    private const char NoCharacter = '\uFFFF';

    private readonly string _text;
    private readonly Dictionary<object, (int Start, int End)> _places = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<int> _open = new();

    private LiquidSource(string text)
        : base(text)
    {
        _text = text;

        // The parser is recursive. Without this check, a deeply nested template would end the process.
        OnEnterParser = static (_, _) => RuntimeHelpers.EnsureSufficientExecutionStack();
    }

    /// <summary>Parses a template.</summary>
    /// <exception cref="TemplateException">The text is not Liquid, or uses an unknown tag.</exception>
    public static (FluidTemplate Template, LiquidSource Source) Parse(string text)
    {
        var source = new LiquidSource(text);
        if (text.IndexOf(NoCharacter, StringComparison.Ordinal) is >= 0 and var offset)
        {
            throw source.Error(offset, "the character U+FFFF is not allowed in a template");
        }

        try
        {
            return LiquidGrammar.Instance.Grammar.TryParse(source, out var statements, out ParseError? error)
                ? (new FluidTemplate(statements), source)
                : throw source.Failure(error?.Message ?? "the template is empty or malformed", error?.Position.Offset ?? 0);
        }
        catch (ParseException)
        {
            throw source.UnknownTag(source.MarkupBefore(source.Scanner.Cursor.Offset));
        }
        catch (InsufficientExecutionStackException)
        {
            throw source.TooDeep(source.MarkupBefore(source._open.LastOrDefault()));
        }
    }

    /// <summary>Records an expression that was read up to the current position.</summary>
    public void Place(Expression expression, int start) => _places[expression] = (start, Scanner.Cursor.Offset);

    /// <summary>Records that a tag's name was read.</summary>
    public void Open() => _open.Push(Scanner.Cursor.Offset);

    /// <summary>Records that a tag was read to its end.</summary>
    public void Close(Statement statement) => _places[statement] = (_open.Pop(), Scanner.Cursor.Offset);

    /// <summary>The start of the output or tag that contains a statement or an expression; null if unknown.</summary>
    public int? StartOf(object node) => _places.TryGetValue(node, out var place) ? MarkupBefore(place.Start) : null;

    /// <summary>An expression as its author wrote it.</summary>
    public string TextOf(Expression expression)
    {
        var (start, end) = _places[expression];
        var text = _text.AsSpan(start, end - start).Trim();
        return text.Length <= MaxQuoted ? text.ToString() : $"{text[..MaxQuoted]}…";
    }

    /// <summary>An error at an offset.</summary>
    public TemplateException Error(int offset, string message)
    {
        var before = _text.AsSpan(0, offset);
        return new TemplateException(message, before.Count('\n') + 1, offset - before.LastIndexOf('\n'));
    }

    /// <summary>The error of a template that nests too deeply.</summary>
    public TemplateException TooDeep(int offset) => Error(offset, "tags, brackets or filters are nested too deeply");

    // An error outside all outputs and tags means that a tag is still open: its end is missing.
    private TemplateException Failure(string message, int offset)
    {
        var start = MarkupBefore(offset);
        return Error(IsClosed(start, offset) && _open.TryPeek(out var open) ? MarkupBefore(open) : start, message.Split(" To enable")[0]);
    }

    private TemplateException UnknownTag(int start)
    {
        var name = new string([.. _text[(start + 2)..].TrimStart('-').TrimStart().TakeWhile(letter => letter == '_' || char.IsAsciiLetterOrDigit(letter))]);
        return Error(start, LiquidGrammar.Tags.Contains(name)
            ? $"unexpected tag '{name}'"
            : $"unknown tag '{name}'{Suggestion.Hint(name, LiquidGrammar.Tags)}");
    }

    private int MarkupBefore(int offset)
    {
        var at = offset - 1;
        while (at >= 0 && !(_text[at] == '{' && at + 1 < offset && _text[at + 1] is '{' or '%'))
        {
            at--;
        }

        return Math.Max(0, at);
    }

    private bool IsClosed(int start, int end)
    {
        var markup = _text.AsSpan(start, end - start);
        return markup.Contains("}}", StringComparison.Ordinal) || markup.Contains("%}", StringComparison.Ordinal);
    }
}
