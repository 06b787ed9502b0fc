namespace MLEvents.Local.Sidecar.Cel;

/// <summary>
/// A condition in the part of CEL that routing rules and circuit breakers need: literals, paths with index, comparisons, <c>&amp;&amp; || ! in ?:</c>,
/// lists, and the functions has, size, int, double, string, startsWith, endsWith, contains and matches.
/// </summary>
internal sealed class CelExpression
{
    private readonly CelNode _root;

    private CelExpression(string text, CelNode root)
    {
        Text = text;
        _root = root;
    }

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>Parses an expression over the named variables.</summary>
    /// <exception cref="CelException">It is no such expression.</exception>
    public static CelExpression Parse(string text, params IReadOnlyCollection<string> variables) => new(text, new CelParser(text, variables).Parse());

    /// <summary>Whether it holds.</summary>
    /// <exception cref="CelException">A key is missing, types do not fit, or the result is no bool.</exception>
    public bool Holds(IReadOnlyDictionary<string, object?> variables) =>
        _root.Evaluate(variables) is bool holds ? holds : throw new CelException($"'{Text}' gives no bool");

    /// <inheritdoc/>
    public override string ToString() => Text;
}
