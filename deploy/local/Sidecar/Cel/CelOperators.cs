using System.Text.Json;

namespace MLEvents.Local.Sidecar.Cel;

/// <summary>And, or: a side that decides alone wins even when the other side fails, as CEL has it.</summary>
internal sealed record CelLogic(CelNode Left, CelNode Right, bool Decisive) : CelNode
{
    public override object? Evaluate(IReadOnlyDictionary<string, object?> variables)
    {
        try
        {
            if (Bool(Left, variables) == Decisive)
            {
                return Decisive;
            }
        }
        catch (CelException) when (Decides(Right, variables))
        {
            return Decisive;
        }

        return Bool(Right, variables);
    }

    private static bool Bool(CelNode node, IReadOnlyDictionary<string, object?> variables) => node.Evaluate(variables) is bool value ? value : throw NoOverload();

    private bool Decides(CelNode node, IReadOnlyDictionary<string, object?> variables)
    {
        try
        {
            return Bool(node, variables) == Decisive;
        }
        catch (CelException)
        {
            return false;
        }
    }
}

/// <summary>Comparisons and membership.</summary>
internal sealed record CelComparison(CelNode Left, string Symbol, CelNode Right) : CelNode
{
    public override object? Evaluate(IReadOnlyDictionary<string, object?> variables)
    {
        var (left, right) = (Left.Evaluate(variables), Right.Evaluate(variables));
        return Symbol switch
        {
            "==" => Same(left, right),
            "!=" => !Same(left, right),
            "in" => IsIn(left, right),
            "<" => Order(left, right) < 0,
            "<=" => Order(left, right) <= 0,
            ">" => Order(left, right) > 0,
            _ => Order(left, right) >= 0,
        };
    }

    private static bool Same(object? left, object? right) => (left, right) switch
    {
        (List<object?> some, List<object?> other) => some.Count == other.Count && some.Zip(other).All(pair => Same(pair.First, pair.Second)),
        (JsonElement some, JsonElement other) => JsonElement.DeepEquals(some, other),
        _ => Equals(left, right),
    };

    private static bool IsIn(object? item, object? container) => (item, container) switch
    {
        (_, List<object?> list) => list.Exists(other => Same(item, other)),
        (string name, JsonElement json) => json.TryGetProperty(name, out _),
        _ => throw NoOverload(),
    };

    private static int Order(object? left, object? right) => (left, right) switch
    {
        (double some, double other) => some.CompareTo(other),
        (string some, string other) => string.CompareOrdinal(some, other),
        (bool some, bool other) => some.CompareTo(other),
        _ => throw NoOverload(),
    };
}
