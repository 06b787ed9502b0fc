using System.Text.Json;

using MLEvents.Events;
using MLEvents.Rules.Conditions;

namespace MLEvents.Rules.Indexing;

/// <summary>
/// Indexes the conditions that compare one key for equality (<c>StringIn</c>, <c>NumberIn</c> and <c>BoolEquals</c>), and finds the conditions
/// that can hold for the value of this key in an event.
/// </summary>
internal sealed class EqualityIndex(EventKey key)
{
    private readonly Dictionary<string, List<int>> _byText = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<double, List<int>> _byNumber = [];
    private readonly List<int> _ifTrue = [];
    private readonly List<int> _ifFalse = [];

    /// <summary>Whether the operator of a filter compares for equality, so that the index of the filter's key can contain the filter.</summary>
    public static bool Takes(AdvancedFilter filter) => filter.Operation.Name is "StringIn" or "NumberIn" or "BoolEquals";

    /// <summary>Adds a condition.</summary>
    /// <param name="filter">A filter for this key that <see cref="Takes"/> accepts.</param>
    /// <param name="position">The position of the condition's rule.</param>
    public void Add(AdvancedFilter filter, int position)
    {
        switch (filter.Test)
        {
            case TextTest texts:
                AddEach(_byText, texts.Wanted, position);
                break;
            case NumberTest numbers:
                AddEach(_byNumber, numbers.Wanted.Select(bounds => bounds.Low), position);
                break;
            case BoolTest { Wanted: true }:
                _ifTrue.Add(position);
                break;
            default:
                _ifFalse.Add(position);
                break;
        }
    }

    /// <summary>Adds the positions of the conditions that can hold for an event. An array counts as each of its elements.</summary>
    public void Collect(WorkflowEvent workflowEvent, Candidates found)
    {
        var value = key.Find(workflowEvent);
        if (!value.IsArray)
        {
            CollectOne(value, found);
            return;
        }

        foreach (var element in value.Json.EnumerateArray())
        {
            CollectOne(new FoundValue(null, element), found);
        }
    }

    // The model names of a deployment rule are indexed as StringIn, but a rule compares them with the text of the event's value, even if this value is a number or a boolean.
    // Numbers and booleans are therefore looked up as text too.
    private void CollectOne(in FoundValue value, Candidates found)
    {
        switch (value.Text is null ? value.Json.ValueKind : JsonValueKind.String)
        {
            case JsonValueKind.String:
                value.MatchesText((_byText, found), static (text, state) => CollectText(text, state._byText, state.found));
                break;
            case JsonValueKind.Number:
                CollectNumber(value.Json, found);
                break;
            case JsonValueKind.True:
                found.Add(_ifTrue);
                CollectText("true", _byText, found);
                break;
            case JsonValueKind.False:
                found.Add(_ifFalse);
                CollectText("false", _byText, found);
                break;
            default:
                break;
        }
    }

    private void CollectNumber(JsonElement number, Candidates found)
    {
        if (number.TryGetDouble(out var value) && _byNumber.TryGetValue(value, out var positions))
        {
            found.Add(positions);
        }

        CollectText(number.GetRawText(), _byText, found);
    }

    private static bool CollectText(ReadOnlySpan<char> text, Dictionary<string, List<int>> byText, Candidates found)
    {
        if (byText.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out var positions))
        {
            found.Add(positions);
        }

        return true;
    }

    private static void AddEach<TValue>(Dictionary<TValue, List<int>> index, IEnumerable<TValue> values, int position)
        where TValue : notnull
    {
        foreach (var value in values)
        {
            if (!index.TryGetValue(value, out var positions))
            {
                index[value] = positions = [];
            }

            positions.Add(position);
        }
    }
}
