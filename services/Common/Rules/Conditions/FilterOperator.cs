namespace MLEvents.Rules.Conditions;

/// <summary>An operator of Event Grid's advanced filters.</summary>
/// <param name="Name">The name of the operator.</param>
/// <param name="Operand">The kind of value that the operator compares with.</param>
/// <param name="Negated">Whether the operator holds if no value matches. The other operators hold if a value matches.</param>
/// <param name="HoldsWhenMissing">Whether the operator holds if the event does not have the key.</param>
internal sealed record FilterOperator(string Name, FilterOperand Operand, bool Negated = false, bool HoldsWhenMissing = false)
{
    /// <summary>Compares text.</summary>
    public TextComparison CompareText { get; private init; } = (value, wanted) => value.Equals(wanted, StringComparison.OrdinalIgnoreCase);

    /// <summary>Compares numbers.</summary>
    public NumberComparison CompareNumbers { get; private init; } = (value, low, high) => value >= low && value <= high;

    /// <summary>All nineteen operators, by name.</summary>
    /// <remarks>
    /// The behaviour for a missing key follows the note in Event Grid's article on filtering
    /// (https://learn.microsoft.com/azure/event-grid/event-filtering): of the negated operators, only NumberNotIn and StringNotIn hold. The note does not
    /// mention NumberNotInRange. This operator does not hold here, because a rule that does not act is safer.
    /// </remarks>
    public static IReadOnlyDictionary<string, FilterOperator> All { get; } = Operators().ToDictionary(one => one.Name, StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<FilterOperator> Operators() => [.. Numbers(), .. Texts(), .. Others()];

    private static FilterOperator[] Numbers() =>
    [
        new("NumberIn", FilterOperand.Numbers),
        new("NumberNotIn", FilterOperand.Numbers, Negated: true, HoldsWhenMissing: true),
        new("NumberLessThan", FilterOperand.Number) { CompareNumbers = (value, bound, _) => value < bound },
        new("NumberLessThanOrEquals", FilterOperand.Number) { CompareNumbers = (value, bound, _) => value <= bound },
        new("NumberGreaterThan", FilterOperand.Number) { CompareNumbers = (value, bound, _) => value > bound },
        new("NumberGreaterThanOrEquals", FilterOperand.Number) { CompareNumbers = (value, bound, _) => value >= bound },
        new("NumberInRange", FilterOperand.Ranges),
        new("NumberNotInRange", FilterOperand.Ranges, Negated: true),
    ];

    private static FilterOperator[] Texts() =>
    [
        new("StringIn", FilterOperand.Texts),
        new("StringNotIn", FilterOperand.Texts, Negated: true, HoldsWhenMissing: true),
        new("StringContains", FilterOperand.Texts) { CompareText = Contains },
        new("StringNotContains", FilterOperand.Texts, Negated: true) { CompareText = Contains },
        new("StringBeginsWith", FilterOperand.Texts) { CompareText = BeginsWith },
        new("StringNotBeginsWith", FilterOperand.Texts, Negated: true) { CompareText = BeginsWith },
        new("StringEndsWith", FilterOperand.Texts) { CompareText = EndsWith },
        new("StringNotEndsWith", FilterOperand.Texts, Negated: true) { CompareText = EndsWith },
    ];

    private static FilterOperator[] Others() =>
    [
        new("BoolEquals", FilterOperand.Bool),
        new("IsNullOrUndefined", FilterOperand.None, HoldsWhenMissing: true),
        new("IsNotNull", FilterOperand.None, Negated: true),
    ];

    private static bool Contains(ReadOnlySpan<char> value, ReadOnlySpan<char> wanted) => value.Contains(wanted, StringComparison.OrdinalIgnoreCase);

    private static bool BeginsWith(ReadOnlySpan<char> value, ReadOnlySpan<char> wanted) => value.StartsWith(wanted, StringComparison.OrdinalIgnoreCase);

    private static bool EndsWith(ReadOnlySpan<char> value, ReadOnlySpan<char> wanted) => value.EndsWith(wanted, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The kind of value that an operator compares with.</summary>
internal enum FilterOperand
{
    /// <summary>No value.</summary>
    None,

    /// <summary>One boolean, in <c>value</c>.</summary>
    Bool,

    /// <summary>One number, in <c>value</c>.</summary>
    Number,

    /// <summary>Numbers, in <c>values</c>.</summary>
    Numbers,

    /// <summary>Pairs of numbers, in <c>values</c>.</summary>
    Ranges,

    /// <summary>Strings, in <c>values</c>.</summary>
    Texts,
}
