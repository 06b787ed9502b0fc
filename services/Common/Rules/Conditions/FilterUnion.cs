namespace MLEvents.Rules.Conditions;

/// <summary>Combines several filters into one filter, which has only the restrictions that all of them share.</summary>
internal static class FilterUnion
{
    public static FilterAlternative Combine(IReadOnlyList<FilterAlternative> alternatives)
    {
        var caseSensitive = alternatives.All(alternative => alternative.CaseSensitive);
        return new FilterAlternative
        {
            Types = alternatives.Any(alternative => alternative.Types is null) ? null : [.. alternatives.SelectMany(alternative => alternative.Types ?? []).Distinct().Order(StringComparer.Ordinal)],
            BeginsWith = alternatives.Select(alternative => alternative.BeginsWith).Aggregate((left, right) => left[..Common(left, right, caseSensitive)]),
            EndsWith = alternatives.Select(alternative => alternative.EndsWith).Aggregate((left, right) => left[^CommonEnd(left, right, caseSensitive)..]),
            CaseSensitive = caseSensitive,
            Filters = [.. alternatives[0].Filters.Select(filter => Shared(filter, alternatives)).OfType<AdvancedFilter>().DistinctBy(Identity)],
        };
    }

    // Widens the filter, so that it also passes the events that the filter for the same key and operator passes in each other alternative.
    // Returns null if an alternative has no such filter, or if the filters cannot be combined.
    private static AdvancedFilter? Shared(AdvancedFilter filter, IReadOnlyList<FilterAlternative> alternatives)
    {
        AdvancedFilter? shared = filter;
        foreach (var alternative in alternatives.Skip(1))
        {
            var same = alternative.Filters.FirstOrDefault(other => HaveSameKeyAndOperator(filter, other));
            shared = shared is null || same is null ? null : Widen(shared, same);
        }

        return shared;
    }

    private static bool HaveSameKeyAndOperator(AdvancedFilter left, AdvancedFilter right) =>
        left.Operation == right.Operation && string.Equals(left.Key.InEventGrid, right.Key.InEventGrid, StringComparison.OrdinalIgnoreCase);

    private static AdvancedFilter? Widen(AdvancedFilter left, AdvancedFilter right) => Widen(left.Operation, left.Test, right.Test) is { } test
        ? new AdvancedFilter(left.Operation, left.Key, test, left.Arrays || right.Arrays)
        : null;

    private static ValueTest? Widen(FilterOperator operation, ValueTest left, ValueTest right) => (left, right) switch
    {
        (TextTest one, TextTest two) => new TextTest([.. one.Wanted.Union(two.Wanted, StringComparer.OrdinalIgnoreCase)], operation.CompareText),
        (NumberTest one, NumberTest two) when operation.Operand == FilterOperand.Number => new NumberTest([Weaker(operation, one.Wanted[0], two.Wanted[0])], operation.CompareNumbers),
        (NumberTest one, NumberTest two) => new NumberTest([.. one.Wanted.Union(two.Wanted)], operation.CompareNumbers),
        (BoolTest one, BoolTest two) => one.Wanted == two.Wanted ? left : null,
        _ => left,
    };

    private static (double Low, double High) Weaker(FilterOperator operation, (double Low, double High) left, (double Low, double High) right) =>
        operation.Name.StartsWith("NumberGreater", StringComparison.Ordinal) == (left.Low <= right.Low) ? left : right;

    private static (string? Key, string Operator, string Values) Identity(AdvancedFilter filter) => (filter.Key.InEventGrid, filter.Operation.Name, $"{filter.Test}");

    private static int Common(string left, string right, bool caseSensitive)
    {
        var length = 0;
        while (length < Math.Min(left.Length, right.Length) && AreEqual(left[length], right[length], caseSensitive))
        {
            length++;
        }

        return length;
    }

    private static int CommonEnd(string left, string right, bool caseSensitive)
    {
        var length = 0;
        while (length < Math.Min(left.Length, right.Length) && AreEqual(left[^(length + 1)], right[^(length + 1)], caseSensitive))
        {
            length++;
        }

        return length;
    }

    private static bool AreEqual(char left, char right, bool caseSensitive) => left == right || (!caseSensitive && char.ToUpperInvariant(left) == char.ToUpperInvariant(right));
}
