using MLEvents.Rules.Conditions;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.Reading;

/// <summary>Reads a condition: the keys of an Event Grid filter, and <c>any</c>, <c>all</c> and <c>not</c>. All keys of a mapping must hold.</summary>
internal static class ConditionReader
{
    /// <summary>Reads a condition and records errors; null if it is not a mapping.</summary>
    public static ConditionNode? Read(YamlNode node, RuleParseContext reading)
    {
        if (node is not YamlMap map)
        {
            reading.Add(node, "a condition must be a mapping with the keys of a filter, or 'any', 'all' and 'not'");
            return null;
        }

        var keys = new MapReader(map, reading, KeyShape.Condition);
        List<ConditionNode> parts =
        [
            .. EventTypes(keys),
            .. Subject(keys),
            .. AdvancedFilterReader.Read(keys),
            .. Several(keys, "all", nodes => new AllOf(nodes)),
            .. Several(keys, "any", nodes => new AnyOf(nodes)),
            .. Negation(keys),
        ];
        keys.RejectUnreadKeys();
        return parts is [var only] ? only : new AllOf(parts);
    }

    private static IEnumerable<ConditionNode> EventTypes(MapReader keys)
    {
        var written = keys.Texts("includedEventTypes", KeyShape.EventTypes);
        if (written.Count > 0)
        {
            yield return new EventTypeTest([.. written.Select(text => FullName(text, keys.Reading))]);
        }
        else if (keys.Node("includedEventTypes") is YamlList empty)
        {
            keys.Reading.Add(empty, "'includedEventTypes' is empty; remove it to match every type");
        }
    }

    private static string FullName(YamlText written, RuleParseContext reading)
    {
        var known = EventTypeTest.Known;
        if (EventTypeTest.ShortNames.TryGetValue(written.Value, out var full))
        {
            return full;
        }

        var foreign = written.Value.Contains('.', StringComparison.Ordinal) && !written.Value.StartsWith(Events.EventTypes.AzureMLPrefix, StringComparison.OrdinalIgnoreCase);
        if (!foreign && !known.Contains(written.Value) && !written.Value.Equals(EventTypeTest.All, StringComparison.OrdinalIgnoreCase))
        {
            var names = known.Concat(EventTypeTest.ShortNames.Keys);
            reading.Add(written, $"unknown event type '{written.Value}'{Suggestion.Hint(written.Value, names)}");
        }

        return written.Value;
    }

    private static IEnumerable<ConditionNode> Subject(MapReader keys)
    {
        var beginsWith = keys.Scalar("subjectBeginsWith")?.Value ?? "";
        var endsWith = keys.Scalar("subjectEndsWith")?.Value ?? "";
        var caseSensitive = keys.Flag("isSubjectCaseSensitive", ifAbsent: false);
        if (beginsWith.Length + endsWith.Length > 0)
        {
            yield return new SubjectTest(beginsWith, endsWith, caseSensitive);
        }
    }

    private static IEnumerable<ConditionNode> Several(MapReader keys, string key, Func<IReadOnlyList<ConditionNode>, ConditionNode> combine)
    {
        switch (keys.Node(key, KeyShape.ListOf(KeyShape.Condition)))
        {
            case null:
                break;
            case YamlList { Items.Count: > 0 } list:
                yield return combine([.. list.Items.Select(item => Read(item, keys.Reading)).OfType<ConditionNode>()]);
                break;
            case var node:
                keys.Reading.Add(node, $"'{key}' must be a list of at least one condition");
                break;
        }
    }

    private static IEnumerable<ConditionNode> Negation(MapReader keys)
    {
        if (keys.Node("not", KeyShape.Reference(KeyShape.Condition)) is { } node && Read(node, keys.Reading) is { } part)
        {
            yield return new Not(part);
        }
    }
}
