using System.Text.Json;

namespace MLEvents.Local.Sidecar.Cel;

/// <summary>A node of an expression. Values are null, bool, double, string, lists of values, and JSON objects.</summary>
internal abstract record CelNode
{
    public abstract object? Evaluate(IReadOnlyDictionary<string, object?> variables);

    /// <summary>JSON scalars and arrays as values; objects stay.</summary>
    protected static object? Value(object? value) => value is not JsonElement json ? value : json.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => json.GetDouble(),
        JsonValueKind.String => json.GetString(),
        JsonValueKind.Array => json.EnumerateArray().Select(item => Value(item)).ToList(),
        _ => json,
    };

    protected static CelException NoOverload() => new("no such overload");
}

internal sealed record CelLiteral(object? Constant) : CelNode
{
    public override object? Evaluate(IReadOnlyDictionary<string, object?> variables) => Constant;
}

internal sealed record CelVariable(string Name) : CelNode
{
    public override object? Evaluate(IReadOnlyDictionary<string, object?> variables) => Value(variables[Name]);
}

internal sealed record CelField(CelNode Of, string Name) : CelNode
{
    public override object? Evaluate(IReadOnlyDictionary<string, object?> variables) =>
        Of.Evaluate(variables) is not JsonElement json ? throw NoOverload()
        : json.TryGetProperty(Name, out var member) ? Value(member)
        : throw new CelException($"no such key: {Name}");

    /// <summary>Whether the object has the field.</summary>
    public bool Exists(IReadOnlyDictionary<string, object?> variables) =>
        Of.Evaluate(variables) is JsonElement json ? json.TryGetProperty(Name, out _) : throw NoOverload();
}

internal sealed record CelIndex(CelNode Of, CelNode Index) : CelNode
{
    public override object? Evaluate(IReadOnlyDictionary<string, object?> variables) => (Of.Evaluate(variables), Index.Evaluate(variables)) switch
    {
        (List<object?> list, double at) when at >= 0 && at < list.Count => list[(int)at],
        (List<object?>, double at) => throw new CelException($"index out of bounds: {at}"),
        (JsonElement json, string name) => json.TryGetProperty(name, out var member) ? Value(member) : throw new CelException($"no such key: {name}"),
        _ => throw NoOverload(),
    };
}

internal sealed record CelList(IReadOnlyList<CelNode> Items) : CelNode
{
    public override object? Evaluate(IReadOnlyDictionary<string, object?> variables) => Items.Select(item => item.Evaluate(variables)).ToList();
}

internal sealed record CelNot(CelNode Of) : CelNode
{
    public override object? Evaluate(IReadOnlyDictionary<string, object?> variables) => Of.Evaluate(variables) is bool value ? !value : throw NoOverload();
}

internal sealed record CelNegation(CelNode Of) : CelNode
{
    public override object? Evaluate(IReadOnlyDictionary<string, object?> variables) => Of.Evaluate(variables) is double value ? -value : throw NoOverload();
}

internal sealed record CelTernary(CelNode Condition, CelNode Then, CelNode Otherwise) : CelNode
{
    public override object? Evaluate(IReadOnlyDictionary<string, object?> variables) =>
        Condition.Evaluate(variables) is not bool holds ? throw NoOverload()
        : (holds ? Then : Otherwise).Evaluate(variables);
}
