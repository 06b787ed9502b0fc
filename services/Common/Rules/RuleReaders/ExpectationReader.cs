using System.Globalization;
using System.Text.RegularExpressions;

using MLEvents.Rules.Reading;
using MLEvents.Rules.Rollouts;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads the expected answer to a sample request.</summary>
internal static class ExpectationReader
{
    private const string Path = "jsonPath";
    private const string EqualTo = "equals";
    private const string Matches = "matches";
    private const string Between = "between";
    private const string CompareWithCurrent = "compareWithCurrent";
    private static readonly TimeSpan MinLatencyLimit = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan MaxLatencyLimit = TimeSpan.FromMinutes(3);

    /// <summary>Reads an expectation and records errors.</summary>
    public static AnswerExpectation Read(MapReader keys)
    {
        var expectation = new AnswerExpectation
        {
            Status = keys.Number("status", 100, 599, ifAbsent: 200),
            Schema = AnswerSchemaReader.Read(keys),
            JsonPath = ReadPath(keys),
            EqualTo = keys.Node(EqualTo, KeyShape.Anything) is { } value ? YamlJson.ToJson(value)?.ToJsonString() : null,
            Matches = ReadPattern(keys),
            Between = ReadRange(keys),
            MaxLatency = ShortDuration.Read(keys, "maxLatency", MinLatencyLimit, MaxLatencyLimit),
            Percentile = keys.Number("percentile", 1, 100, ifAbsent: 100),
            MaxDifferenceToCurrent = keys.Child(CompareWithCurrent) is { } compare ? ReadDifference(compare) : null,
        };
        foreach (var key in new[] { EqualTo, Matches, Between, CompareWithCurrent }.Where(_ => keys.Node(Path) is null))
        {
            if (keys.Node(key) is { } node)
            {
                keys.Reading.Add(node, $"'{key}' needs '{Path}', the place of the value in the answer, such as $[0].score");
            }
        }

        keys.RejectUnreadKeys();
        return expectation;
    }

    private static double? ReadDifference(MapReader keys)
    {
        keys.Required("maxDifference", KeyShape.Number);
        var difference = NumberReader.Read(keys, "maxDifference", min: 0);
        keys.RejectUnreadKeys();
        return difference;
    }

    private static string? ReadPath(MapReader keys)
    {
        if (keys.Scalar(Path) is { } text && !JsonPath.TryParse(text.Value, out _))
        {
            keys.Reading.Add(text, $"'{Path}' must name one value: $, then names and indexes, such as $[0].score or $['class name'], not '{text.Value}'");
        }

        return keys.Scalar(Path)?.Value;
    }

    private static string? ReadPattern(MapReader keys)
    {
        if (keys.Scalar(Matches) is not { } text)
        {
            return null;
        }

        try
        {
            _ = new Regex(text.Value, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return text.Value;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            keys.Reading.Add(text, $"'{Matches}' must be a regular expression without look-arounds and back-references: {exception.Message}");
            return null;
        }
    }

    private static NumberRange? ReadRange(MapReader keys)
    {
        if (keys.Node(Between, KeyShape.List(KeyShape.Number)) is not { } node)
        {
            return null;
        }

        if (node is YamlList { Items: [YamlText min, YamlText max] } && Parse(min) is { } from && Parse(max) is { } to && from <= to)
        {
            return new NumberRange(from, to);
        }

        keys.Reading.Add(node, $"'{Between}' must be a list of the least and the largest number, such as [0, 1]");
        return null;
    }

    private static double? Parse(YamlText text) =>
        double.TryParse(text.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
