using System.Text.Json;

using MLEvents.Rules.Reading;
using MLEvents.Rules.Rollouts;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads <c>verify</c> of a strategy: one sample request or a list of them.</summary>
internal static class VerificationReader
{
    private const string Verify = "verify";
    private const string Request = "request";
    private const string Place = $"deployment.strategy.{Verify}";
    private const int MaxChecks = 20;
    private const int MaxRepeat = 100;

    /// <summary>Reads the checks; empty when there are none.</summary>
    public static IReadOnlyList<SampleCheck> Read(MapReader strategy)
    {
        switch (strategy.Node(Verify, KeyShape.Either(KeyShape.Reference(Place), KeyShape.ListOf(Place))))
        {
            case null:
                return [];
            case YamlMap map:
                return ReadCheck(new MapReader(map, strategy.Reading, Place), Verify) is { } only ? [only] : [];
            case YamlList { Items: { Count: <= MaxChecks } items } when items.All(item => item is YamlMap):
                return [.. items.OfType<YamlMap>().Select((map, index) => ReadCheck(new MapReader(map, strategy.Reading, Place), $"{Verify}[{index}]")).OfType<SampleCheck>()];
            case var node:
                strategy.Reading.Add(node, $"'{Verify}' must be a mapping with 'request' and 'expect', or a list of up to {MaxChecks} such mappings");
                return [];
        }
    }

    private static SampleCheck? ReadCheck(MapReader keys, string name)
    {
        var request = keys.Required(Request, KeyShape.Anything);
        var body = request is null ? null : Body(request, keys.Reading);
        var check = new SampleCheck
        {
            Name = request is YamlText file ? file.Value : name,
            Body = body ?? "",
            Repeat = keys.Number("repeat", 1, MaxRepeat, ifAbsent: 1),
            Expect = keys.Child("expect") is { } expect ? ExpectationReader.Read(expect) : new(),
        };
        keys.RejectUnreadKeys();
        return body is null ? null : check;
    }

    private static string? Body(YamlNode request, RuleParseContext reading)
    {
        var body = request is YamlText file ? ReadFile(file, reading) : YamlJson.ToJson(request)?.ToJsonString();
        if (body is not null && RecordedText.FindError(body) is { } error)
        {
            reading.Add(request, $"the sample request {error}");
            return null;
        }

        return body;
    }

    private static string? ReadFile(YamlText name, RuleParseContext reading)
    {
        if (reading.ReadNamed(name) is not var (path, text))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return text;
        }
        catch (JsonException exception)
        {
            reading.Add(path, (int)(exception.LineNumber ?? 0) + 1, (int)(exception.BytePositionInLine ?? 0) + 1, "a sample request must be JSON");
            return null;
        }
    }
}
