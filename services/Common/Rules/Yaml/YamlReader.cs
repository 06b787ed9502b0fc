using System.Text.RegularExpressions;

using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace MLEvents.Rules.Yaml;

/// <summary>Reads one YAML document into nodes with positions.</summary>
/// <remarks>
/// Anchors and aliases are not allowed, so that a file cannot expand while it is read. Tags are not allowed either.
/// The depth and the number of values are limited.
/// </remarks>
internal sealed partial class YamlReader
{
    private const int MaxDepth = 32;
    private const int MaxNodes = 50_000;

    private readonly Parser _parser;
    private int _depth;
    private int _nodes;

    private YamlReader(string text) => _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));

    /// <summary>Reads a document.</summary>
    /// <returns>The root; null for an empty file.</returns>
    /// <exception cref="YamlFileException">The text is not YAML, or uses a feature that is not allowed.</exception>
    public static YamlNode? Read(string text)
    {
        var reader = new YamlReader(text);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException exception)
        {
            throw FindTab(text) ?? new YamlFileException(exception.Start, MessageOf(exception.InnerException ?? exception));
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            // The parser throws these exceptions for some malformed tags and directives. They contain no position.
            throw new YamlFileException(reader._parser.Current?.End ?? Mark.Empty, MessageOf(exception));
        }
    }

    // .NET appends the name of the parser's argument, which means nothing to the author of the file.
    private static string MessageOf(Exception exception) => exception is ArgumentException { ParamName: { } name }
        ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)
        : exception.Message;

    // For a tab, the parser reports the start of the collection that the tab breaks, possibly many lines above the tab.
    private static YamlFileException? FindTab(string text)
    {
        var lines = text.Split('\n');
        int? block = null;
        for (var line = 0; line < lines.Length; line++)
        {
            var content = lines[line].TrimStart(' ');
            var spaces = lines[line].Length - content.Length;
            if (block is { } indentation && (spaces > indentation || content.TrimEnd('\r').Length == 0))
            {
                // The text of a block scalar may contain tabs after its indentation.
                continue;
            }

            if (content.StartsWith('\t'))
            {
                return new YamlFileException(new Mark(0, line + 1, spaces + 1), "YAML does not allow a tab in the indentation; use spaces");
            }

            block = BlockStart.IsMatch(content) ? spaces : null;
        }

        return null;
    }

    // The first line of a block scalar, for instance "text: |" or "- >-  # comment".
    [GeneratedRegex(@"^(?:[^#]*:|-)\s+[|>](?:[+-][1-9]?|[1-9][+-]?)?(?:\s+#.*)?\s*$")]
    private static partial Regex BlockStart { get; }

    private YamlNode? ReadDocument()
    {
        Next<StreamStart>();
        if (Next<ParsingEvent>() is not DocumentStart)
        {
            return null;
        }

        var root = ReadNode(Next<ParsingEvent>());
        Next<DocumentEnd>();
        return Next<ParsingEvent>() is DocumentStart second
            ? throw new YamlFileException(second.Start, "the file must contain a single YAML document")
            : root;
    }

    private YamlNode ReadNode(ParsingEvent start)
    {
        Refuse(start);
        return start switch
        {
            Scalar scalar => new YamlText(scalar.Value, StyleOf(scalar), Line(scalar), Column(scalar)),
            SequenceStart => Nested(start, () => new YamlList(ReadItems(), Line(start), Column(start))),
            MappingStart => Nested(start, () => new YamlMap(ReadEntries(), Line(start), Column(start))),
            _ => throw new YamlFileException(start.Start, "a value is missing"),
        };
    }

    private void Refuse(ParsingEvent start)
    {
        if (start is AnchorAlias || (start is NodeEvent node && !node.Anchor.IsEmpty))
        {
            throw new YamlFileException(start.Start, "anchors and aliases are not supported");
        }

        if (start is NodeEvent { Tag.IsEmpty: false })
        {
            throw new YamlFileException(start.Start, "tags are not supported");
        }

        if (++_nodes > MaxNodes)
        {
            throw new YamlFileException(start.Start, $"the file has more than {MaxNodes} values");
        }
    }

    private YamlNode Nested(ParsingEvent start, Func<YamlNode> read)
    {
        if (++_depth > MaxDepth)
        {
            throw new YamlFileException(start.Start, $"the file is nested more than {MaxDepth} levels deep");
        }

        var node = read();
        _depth--;
        return node;
    }

    private List<YamlNode> ReadItems()
    {
        var items = new List<YamlNode>();
        for (var next = Next<ParsingEvent>(); next is not SequenceEnd; next = Next<ParsingEvent>())
        {
            items.Add(ReadNode(next));
        }

        return items;
    }

    private List<YamlEntry> ReadEntries()
    {
        var entries = new List<YamlEntry>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var next = Next<ParsingEvent>(); next is not MappingEnd; next = Next<ParsingEvent>())
        {
            if (ReadNode(next) is not YamlText key)
            {
                throw new YamlFileException(next.Start, "mapping keys must be strings; put a value that begins with a template in quotes: \"{{ … }}\"");
            }

            if (!seen.Add(key.Value))
            {
                throw new YamlFileException(next.Start, $"duplicate key '{key.Value}'");
            }

            entries.Add(new YamlEntry(key, ReadNode(Next<ParsingEvent>())));
        }

        return entries;
    }

    private T Next<T>()
        where T : ParsingEvent =>
        _parser.MoveNext() && _parser.Current is T next
            ? next
            : throw new YamlFileException(_parser.Current?.Start ?? Mark.Empty, "unexpected end of file");

    private static YamlStyle StyleOf(Scalar scalar) => scalar.Style switch
    {
        ScalarStyle.Plain => YamlStyle.Plain,
        ScalarStyle.Literal or ScalarStyle.Folded => YamlStyle.Block,
        _ => YamlStyle.Quoted,
    };

    private static int Line(ParsingEvent start) => (int)start.Start.Line;

    private static int Column(ParsingEvent start) => (int)start.Start.Column;
}
