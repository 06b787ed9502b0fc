using System.Globalization;

namespace MLEvents.Local.Sidecar.Cel;

/// <summary>Recursive descent, one method per level of precedence.</summary>
internal sealed class CelParser(string text, IReadOnlyCollection<string> variables)
{
    /// <summary>Deepest nesting of brackets and signs, far from where the stack ends.</summary>
    private const int Deepest = 200;

    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">=", "in"];
    private readonly List<CelToken> _tokens = CelLexer.Read(text);
    private int _next;
    private int _depth;

    private CelToken Next => _tokens[_next];

    public CelNode Parse()
    {
        var root = Ternary();
        return Next.Kind == CelTokenKind.End ? root : throw Unexpected();
    }

    private CelNode Ternary() => Nested(Choice);

    private CelNode Choice()
    {
        var condition = Or();
        if (!Take("?"))
        {
            return condition;
        }

        var then = Ternary();
        Expect(":");
        return new CelTernary(condition, then, Ternary());
    }

    private CelNode Or()
    {
        var left = And();
        while (Take("||"))
        {
            left = new CelLogic(left, And(), Decisive: true);
        }

        return left;
    }

    private CelNode And()
    {
        var left = Comparison();
        while (Take("&&"))
        {
            left = new CelLogic(left, Comparison(), Decisive: false);
        }

        return left;
    }

    private CelNode Comparison()
    {
        var left = Unary();
        while (Next.Kind is CelTokenKind.Symbol or CelTokenKind.Name && Comparisons.Contains(Next.Text))
        {
            var symbol = Next.Text;
            _next++;
            left = new CelComparison(left, symbol, Unary());
        }

        return left;
    }

    private CelNode Unary() => Nested(Sign);

    private CelNode Nested(Func<CelNode> read)
    {
        if (++_depth > Deepest)
        {
            throw Error($"nested deeper than {Deepest}");
        }

        var node = read();
        _depth--;
        return node;
    }

    private CelNode Sign()
    {
        if (Take("!"))
        {
            return new CelNot(Unary());
        }

        return Take("-") ? new CelNegation(Unary()) : Member();
    }

    private CelNode Member()
    {
        var node = Primary();
        while (true)
        {
            if (Take("."))
            {
                var name = Name();
                node = Take("(") ? CelFunctions.Method(this, name, node, Arguments(")")) : new CelField(node, name);
            }
            else if (Take("["))
            {
                node = new CelIndex(node, Ternary());
                Expect("]");
            }
            else
            {
                return node;
            }
        }
    }

    private CelNode Primary()
    {
        var token = Next;
        _next++;
        switch (token.Kind)
        {
            case CelTokenKind.Number:
                return new CelLiteral(double.Parse(token.Text, CultureInfo.InvariantCulture));
            case CelTokenKind.Text:
                return new CelLiteral(token.Text);
            case CelTokenKind.Name:
                return Named(token);
            case CelTokenKind.Symbol when token.Text == "(":
                var inner = Ternary();
                Expect(")");
                return inner;
            case CelTokenKind.Symbol when token.Text == "[":
                return new CelList(Arguments("]"));
            default:
                _next--;
                throw Unexpected();
        }
    }

    private CelNode Named(CelToken token)
    {
        if (Take("("))
        {
            return CelFunctions.Function(this, token.Text, Arguments(")"));
        }

        return token.Text switch
        {
            "true" => new CelLiteral(true),
            "false" => new CelLiteral(false),
            "null" => new CelLiteral(null),
            _ when variables.Contains(token.Text) => new CelVariable(token.Text),
            _ => throw Error(token, $"'{token.Text}' is unknown; there is {string.Join(", ", variables)}"),
        };
    }

    private List<CelNode> Arguments(string end)
    {
        var arguments = new List<CelNode>();
        if (Take(end))
        {
            return arguments;
        }

        do
        {
            arguments.Add(Ternary());
        }
        while (Take(","));
        Expect(end);
        return arguments;
    }

    private string Name()
    {
        if (Next.Kind != CelTokenKind.Name)
        {
            throw Unexpected();
        }

        return _tokens[_next++].Text;
    }

    private bool Take(string symbol)
    {
        var found = Next.Kind == CelTokenKind.Symbol && Next.Text == symbol;
        _next += found ? 1 : 0;
        return found;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol))
        {
            throw Error(Next, $"'{symbol}' is missing before '{Next.Text}'");
        }
    }

    private CelException Unexpected() => Error(Next, $"'{Next.Text}' is not expected here");

    internal CelException Error(string message) => Error(_tokens[Math.Max(0, _next - 1)], message);

    private CelException Error(CelToken token, string message) => new($"'{text}': column {token.Column}: {message}");
}
