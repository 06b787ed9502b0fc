using MLEvents.Rules.Conditions;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.Reading;

/// <summary>Reads <c>advancedFilters</c>, within the limits of an Event Grid subscription.</summary>
internal static class AdvancedFilterReader
{
    private const int MaxText = 512;

    /// <summary>Reads the filters of one condition.</summary>
    public static IReadOnlyList<ConditionNode> Read(MapReader keys)
    {
        var arrays = keys.Flag("enableAdvancedFilteringOnArrays", ifAbsent: false);
        switch (keys.Node("advancedFilters", KeyShape.ListOf(KeyShape.AdvancedFilter)))
        {
            case null:
                return [];
            case YamlList list:
                CheckLimits(list, keys.Reading);
                return [.. list.Items.Select(item => ReadOne(item, keys.Reading, arrays)).OfType<ConditionNode>()];
            case var node:
                keys.Reading.Add(node, "'advancedFilters' must be a list");
                return [];
        }
    }

    private static void CheckLimits(YamlList list, RuleParseContext reading)
    {
        if (list.Items.Count > AdvancedFilter.MaxFilters)
        {
            reading.Add(list, $"Event Grid accepts at most {AdvancedFilter.MaxFilters} advanced filters; found {list.Items.Count}");
        }

        var values = list.Items.OfType<YamlMap>().Sum(CountValues);
        if (values > AdvancedFilter.MaxValues)
        {
            reading.Add(list, $"Event Grid accepts at most {AdvancedFilter.MaxValues} values over all advanced filters; found {values}");
        }
    }

    private static int CountValues(YamlMap filter) => filter.Entries.Sum(entry => (entry.Key.Value, entry.Value) switch
    {
        ("values", YamlList list) => list.Items.Count,
        ("value", YamlText { IsNull: false }) => 1,
        _ => 0,
    });

    private static AdvancedFilter? ReadOne(YamlNode node, RuleParseContext reading, bool arrays)
    {
        if (node is not YamlMap map)
        {
            reading.Add(node, "an advanced filter must be a mapping with 'operatorType', 'key', and 'value' or 'values'");
            return null;
        }

        var keys = new MapReader(map, reading, KeyShape.AdvancedFilter);
        var operation = Operator(keys);
        var key = Key(keys);
        var (value, values) = (keys.Node("value", KeyShape.Anything), keys.Node("values", KeyShape.Anything));
        keys.RejectUnreadKeys();
        WarnOfMissingKeys(operation, key, map, reading);
        return operation is not null && Test(operation, map, value, values, reading) is { } test && key is not null
            ? new AdvancedFilter(operation, key, test, arrays)
            : null;
    }

    // Event Grid's negated operators, other than NumberNotIn and StringNotIn, do not hold for an event without the key.
    private static void WarnOfMissingKeys(FilterOperator? operation, EventKey? key, YamlMap map, RuleParseContext reading)
    {
        if (operation is { Negated: true, HoldsWhenMissing: false, Operand: not FilterOperand.None } && key is not null)
        {
            var positive = operation.Name.Replace("Not", "", StringComparison.Ordinal);
            reading.Warn(map, $"{operation.Name} excludes events without '{key}'; to include them, use {positive} inside 'not'");
        }
    }

    private static FilterOperator? Operator(MapReader keys)
    {
        if (keys.RequiredScalar("operatorType", KeyShape.OneOf([.. FilterOperator.All.Keys])) is not { } name)
        {
            return null;
        }

        if (!FilterOperator.All.TryGetValue(name.Value, out var operation))
        {
            keys.Reading.Add(name, $"unknown operatorType '{name.Value}'{Suggestion.Hint(name.Value, FilterOperator.All.Keys)}");
        }

        return operation;
    }

    private static EventKey? Key(MapReader keys)
    {
        if (keys.RequiredScalar("key") is not { } text)
        {
            return null;
        }

        var key = EventKey.Parse(text.Value, out var error);
        if (error is not null)
        {
            keys.Reading.Add(text, error);
        }

        return key;
    }

    private static ValueTest? Test(FilterOperator operation, YamlMap map, YamlNode? value, YamlNode? values, RuleParseContext reading)
    {
        if (operation.Operand == FilterOperand.None)
        {
            if ((value ?? values) is { } surplus)
            {
                reading.Add(surplus, $"{operation.Name} takes no value");
            }

            return new NoValueTest();
        }

        var single = operation.Operand is FilterOperand.Bool or FilterOperand.Number;
        var (wanted, unwanted) = single ? (value, values) : (values, value);
        if (unwanted is not null)
        {
            reading.Add(unwanted, $"{operation.Name} takes {(single ? "'value', not 'values'" : "'values', not 'value'")}");
        }

        if (wanted is null)
        {
            reading.Add(map, $"{operation.Name} needs '{(single ? "value" : "values")}'");
            return null;
        }

        return new OperandReader(operation, reading).Read(wanted);
    }

    /// <summary>Reads the values of one filter.</summary>
    private sealed class OperandReader(FilterOperator operation, RuleParseContext reading)
    {
        public ValueTest? Read(YamlNode node) => operation.Operand switch
        {
            FilterOperand.Bool => Bool(node),
            FilterOperand.Number => Number(node) is { } number ? new NumberTest([(number, number)], operation.CompareNumbers) : null,
            FilterOperand.Numbers => Each(node, Number) is { } numbers ? new NumberTest([.. numbers.Select(one => (one, one))], operation.CompareNumbers) : null,
            FilterOperand.Ranges => Each(node, Range) is { } ranges ? new NumberTest(ranges, operation.CompareNumbers) : null,
            _ => Texts(node) is { } texts ? new TextTest(texts, operation.CompareText) : null,
        };

        private BoolTest? Bool(YamlNode node) =>
            node is YamlText { Bool: { } value } ? new BoolTest(value) : Wrong<BoolTest>(node, "'value' must be true or false");

        private double? Number(YamlNode node)
        {
            var number = node is YamlText text ? YamlJson.Number(text.Value) : null;
            if (number is null)
            {
                reading.Add(node, $"a value of {operation.Name} must be a number");
            }

            return number;
        }

        private (double Low, double High)? Range(YamlNode node)
        {
            if (node is not YamlList { Items: [var first, var second] })
            {
                reading.Add(node, "a range must be a pair of numbers: [low, high]");
                return null;
            }

            if (Number(first) is not { } low || Number(second) is not { } high)
            {
                return null;
            }

            if (low > high)
            {
                reading.Add(node, "the range is empty: its first number is greater than its second");
            }

            return (low, high);
        }

        private string[]? Texts(YamlNode node)
        {
            if (node is not YamlList { Items.Count: > 0 } list)
            {
                return Wrong<string[]>(node, "'values' must be a list of at least one value");
            }

            foreach (var item in list.Items.Where(item => item is not YamlText { IsNull: false, Value.Length: <= MaxText }))
            {
                reading.Add(item, item is YamlText { IsNull: false } ? $"a value must have at most {MaxText} characters" : $"a value of {operation.Name} must be a string");
            }

            return [.. list.Items.OfType<YamlText>().Select(text => text.Value)];
        }

        private T[]? Each<T>(YamlNode node, Func<YamlNode, T?> read)
            where T : struct =>
            node is YamlList { Items.Count: > 0 } list
                ? [.. list.Items.Select(read).OfType<T>()]
                : Wrong<T[]>(node, "'values' must be a list of at least one value");

        private T? Wrong<T>(YamlNode node, string message)
            where T : class
        {
            reading.Add(node, message);
            return null;
        }
    }
}
