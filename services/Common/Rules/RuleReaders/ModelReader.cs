using MLEvents.Rules.Conditions;
using MLEvents.Rules.Reading;
using MLEvents.Rules.Rollouts;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads which models a deployment rule is for: what the event must say, and what the model must be when the roll-out begins.</summary>
internal static class ModelReader
{
    private const string Stage = "stage";
    private const string Metrics = "metrics";

    /// <summary>Reads the key <c>model</c>.</summary>
    /// <returns>What the event must say, and what is read from Azure; null for nothing.</returns>
    public static (ModelMatch Match, ModelGate? Gate) Read(MapReader keys)
    {
        var isLookedUp = keys.Flag("lookup", ifAbsent: false);
        var (tags, properties) = (ValuesByName(keys, "tags"), ValuesByName(keys, "properties"));
        var stages = Values(keys, Stage);
        var metrics = ReadMetrics(keys);
        var match = new ModelMatch { Names = Values(keys, "name"), Versions = Values(keys, "version") };
        match = isLookedUp ? match : match with { Tags = tags, Properties = properties };
        if (stages.Length > 0 && !isLookedUp && keys.Node(Stage) is { } stage)
        {
            keys.Reading.Add(stage, $"'{Stage}' needs 'lookup: true': the event of a registered model does not say the stage");
        }

        keys.RefuseTheRest();
        if (match.Names.Count + match.Versions.Count + tags.Count + properties.Count + stages.Length == 0)
        {
            keys.Reading.Add(keys.Map, "'model' needs at least one of name, version, tags and properties");
        }

        var gate = new ModelGate { Metrics = metrics };
        return (match, isLookedUp ? gate with { Tags = tags, Properties = properties, Stages = stages } : metrics.Length > 0 ? gate : null);
    }

    private static ModelMetric[] ReadMetrics(MapReader keys)
    {
        if (keys.Child(Metrics, KeyShape.ByName(KeyShape.Reference("deployment.model.metric"))) is not { } metrics)
        {
            return [];
        }

        return [.. metrics.Map.Entries.Select(entry => ReadMetric(entry, keys.Reading)).OfType<ModelMetric>()];
    }

    private static ModelMetric? ReadMetric(YamlEntry entry, RuleParseContext reading)
    {
        if (entry.Value is not YamlMap map)
        {
            reading.Add(entry.Value, $"'{Metrics}.{entry.Key.Value}' must be a mapping such as {{ min: 0.8, notWorseThanCurrent: 0.01 }}");
            return null;
        }

        var keys = new MapReader(map, reading, "deployment.model.metric");
        var metric = new ModelMetric
        {
            Name = entry.Key.Value,
            Min = NumberReader.Read(keys, "min", double.MinValue),
            Max = NumberReader.Read(keys, "max", double.MinValue),
            NotWorseThanCurrent = NumberReader.Read(keys, "notWorseThanCurrent", least: 0),
            Better = keys.Choice("better", MetricDirection.Higher, inLowerCase: true),
        };
        keys.RefuseTheRest();
        if (metric is { Min: null, Max: null, NotWorseThanCurrent: null })
        {
            reading.Add(map, $"'{Metrics}.{metric.Name}' needs at least one of min, max and notWorseThanCurrent");
        }

        return metric;
    }

    private static string[] Values(MapReader keys, string key) => [.. keys.Texts(key).Select(text => text.Value)];

    private static IReadOnlyDictionary<string, IReadOnlyList<string>> ValuesByName(MapReader keys, string key) => keys.Each<IReadOnlyList<string>>(key, KeyShape.Texts, (name, node) => node switch
    {
        YamlList list => [.. list.Items.Select(item => keys.AsText($"{name}[]", item)).OfType<YamlText>().Select(text => text.Value)],
        _ => keys.AsText(name, node) is { } text ? [text.Value] : null,
    });
}
