using System.Globalization;
using System.Text.Json;

namespace MLEvents.Rules.Conditions;

/// <summary>Compares one value with the values of a filter. A value of another type never matches.</summary>
internal abstract class ValueTest
{
    public abstract bool Hits(in FoundValue value);
}

/// <summary>The test of operators that only check whether a value exists. The test never succeeds; <c>IsNotNull</c> negates this result.</summary>
internal sealed class NoValueTest : ValueTest
{
    public override bool Hits(in FoundValue value) => false;

    public override string ToString() => "";
}

/// <summary>Compares text in any letter case, like every advanced filter.</summary>
internal sealed class TextTest(string[] wanted, TextComparison compare) : ValueTest
{
    /// <summary>The filter's values.</summary>
    public IReadOnlyList<string> Wanted => wanted;

    private readonly Func<ReadOnlySpan<char>, string[], bool> _any = (text, all) =>
    {
        foreach (var one in all)
        {
            if (compare(text, one))
            {
                return true;
            }
        }

        return false;
    };

    public override bool Hits(in FoundValue value) => value.MatchesText(wanted, _any);

    public override string ToString() => $"[{string.Join(", ", wanted.Select(text => $"'{text}'"))}]";
}

/// <summary>Compares numbers. The bounds of a range are inclusive.</summary>
internal sealed class NumberTest((double Low, double High)[] wanted, NumberComparison compare) : ValueTest
{
    /// <summary>The filter's values. A single number is a range with two equal bounds.</summary>
    public IReadOnlyList<(double Low, double High)> Wanted => wanted;

    public override bool Hits(in FoundValue value)
    {
        if (value.Text is not null || value.Json.ValueKind != JsonValueKind.Number || !value.Json.TryGetDouble(out var number))
        {
            return false;
        }

        foreach (var one in wanted)
        {
            if (compare(number, one.Low, one.High))
            {
                return true;
            }
        }

        return false;
    }

    public override string ToString() => wanted.Length == 1 ? Show(wanted[0]) : $"[{string.Join(", ", wanted.Select(Show))}]";

    private static string Show((double Low, double High) bounds) =>
        bounds.Low.Equals(bounds.High) ? bounds.Low.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{bounds.Low}..{bounds.High}");
}

/// <summary>Compares booleans.</summary>
internal sealed class BoolTest(bool wanted) : ValueTest
{
    /// <summary>The filter's value.</summary>
    public bool Wanted => wanted;

    public override bool Hits(in FoundValue value) => value.Text is null && value.Json.ValueKind == (wanted ? JsonValueKind.True : JsonValueKind.False);

    public override string ToString() => wanted ? "true" : "false";
}

/// <summary>Compares text with a value of the filter.</summary>
internal delegate bool TextComparison(ReadOnlySpan<char> value, ReadOnlySpan<char> wanted);

/// <summary>Compares a number with the filter's bounds, which are equal unless the filter has ranges.</summary>
internal delegate bool NumberComparison(double value, double low, double high);
