using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MLEvents.Local.Sidecar.Cel;

/// <summary>Kinds of tokens.</summary>
internal enum CelTokenKind
{
    Name,
    Number,
    Text,
    Symbol,
    End,
}

/// <summary>A token and where it starts, counted from 1.</summary>
internal readonly record struct CelToken(CelTokenKind Kind, string Text, int Column);

/// <summary>Cuts an expression into tokens.</summary>
internal static partial class CelLexer
{
    /// <summary>Longest expression, in characters: a chain of operators as long is still evaluated on the stack of any thread.</summary>
    private const int Longest = 10_000;

    public static List<CelToken> Read(string expression)
    {
        if (expression.Length > Longest)
        {
            throw new CelException($"an expression of {expression.Length} characters is too long; {Longest} is the most");
        }

        var tokens = new List<CelToken>();
        var position = 0;
        while (position < expression.Length)
        {
            var match = Token().Match(expression, position);
            if (!match.Success)
            {
                throw new CelException($"'{expression}': column {position + 1}: '{expression[position]}' is not understood");
            }

            Add(tokens, match, position + 1);
            position += match.Length;
        }

        tokens.Add(new CelToken(CelTokenKind.End, "the end", expression.Length + 1));
        return tokens;
    }

    private static void Add(List<CelToken> tokens, Match match, int column)
    {
        if (match.Groups["name"] is { Success: true } name)
        {
            tokens.Add(new CelToken(CelTokenKind.Name, name.Value, column));
        }
        else if (match.Groups["number"] is { Success: true } number)
        {
            tokens.Add(new CelToken(CelTokenKind.Number, number.Value.TrimEnd('u', 'U'), column));
        }
        else if (match.Groups["text"] is { Success: true } text)
        {
            tokens.Add(new CelToken(CelTokenKind.Text, Unescape(text.Value[1..^1]), column));
        }
        else if (match.Groups["symbol"] is { Success: true } symbol)
        {
            tokens.Add(new CelToken(CelTokenKind.Symbol, symbol.Value, column));
        }
    }

    private static string Unescape(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] != '\\')
            {
                result.Append(text[index]);
                continue;
            }

            index++;
            result.Append(text[index] switch
            {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => Unit(text, index + 1),
                var other => other,
            });
            index += text[index] == 'u' ? 4 : 0;
        }

        return result.ToString();
    }

    private static char Unit(string text, int start) =>
        start + 4 <= text.Length && ushort.TryParse(text.AsSpan(start, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : throw new CelException($"'{text}': \\u needs four hex digits");

    [GeneratedRegex(
        """\G(?:\s+|(?<name>[A-Za-z_]\w*)|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[uU]?)|(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<symbol>==|!=|<=|>=|&&|\|\||[-<>!?:.,()\[\]]))""",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Token();
}
