namespace MLEvents.Rules.Conditions;

/// <summary>Makes one cover of several: it asks for what all of them ask for.</summary>
internal static class CoverUnion
{
    public static Cover Combine(IReadOnlyList<Cover> covers)
    {
        var caseSensitive = covers.All(cover => cover.CaseSensitive);
        return new Cover
        {
            Types = covers.Any(cover => cover.Types is null) ? null : [.. covers.SelectMany(cover => cover.Types ?? []).Distinct().Order(StringComparer.Ordinal)],
            BeginsWith = covers.Select(cover => cover.BeginsWith).Aggregate((left, right) => left[..Common(left, right, caseSensitive)]),
            EndsWith = covers.Select(cover => cover.EndsWith).Aggregate((left, right) => left[^CommonEnd(left, right, caseSensitive)..]),
            CaseSensitive = caseSensitive,
            Filters = [.. covers[0].Filters.Select(filter => Shared(filter, covers)).OfType<AdvancedFilter>().DistinctBy(Identity)],
        };
    }

    // What every alternative asks of the same key with the same operator, widened until it holds for all of them.
    private static AdvancedFilter? Shared(AdvancedFilter filter, IReadOnlyList<Cover> covers)
    {
        AdvancedFilter? shared = filter;
        foreach (var cover in covers.Skip(1))
        {
            var same = cover.Filters.FirstOrDefault(other => SameQuestion(filter, other));
            shared = shared is null || same is null ? null : Widened(shared, same);
        }

        return shared;
    }

    private static bool SameQuestion(AdvancedFilter left, AdvancedFilter right) =>
        left.Operation == right.Operation && string.Equals(left.Key.InEventGrid, right.Key.InEventGrid, StringComparison.OrdinalIgnoreCase);

    private static AdvancedFilter? Widened(AdvancedFilter left, AdvancedFilter right) => Widened(left.Operation, left.Test, right.Test) is { } test
        ? new AdvancedFilter(left.Operation, left.Key, test, left.Arrays || right.Arrays)
        : null;

    private static ValueTest? Widened(FilterOperator operation, ValueTest left, ValueTest right) => (left, right) switch
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
        while (length < Math.Min(left.Length, right.Length) && Same(left[length], right[length], caseSensitive))
        {
            length++;
        }

        return length;
    }

    private static int CommonEnd(string left, string right, bool caseSensitive)
    {
        var length = 0;
        while (length < Math.Min(left.Length, right.Length) && Same(left[^(length + 1)], right[^(length + 1)], caseSensitive))
        {
            length++;
        }

        return length;
    }

    private static bool Same(char left, char right, bool caseSensitive) => left == right || (!caseSensitive && char.ToUpperInvariant(left) == char.ToUpperInvariant(right));
}
