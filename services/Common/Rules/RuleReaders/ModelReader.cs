using System.Text.RegularExpressions;

using MLEvents.Rules.Conditions;
using MLEvents.Rules.Reading;
using MLEvents.Rules.Rollouts;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads the models of a deployment rule: conditions on the event, and conditions on the model when the roll-out begins.</summary>
internal static partial class ModelReader
{
    private const string Stage = "stage";
    private const string Metrics = "metrics";

    /// <summary>Reads the key <c>model</c>.</summary>
    /// <returns>
    /// The condition on the event, the conditions on the model in Azure, and the ARM id of the registry that holds the model. The last two are null if the rule does not set them.
    /// </returns>
    public static (ModelMatch? Match, ModelGate? Gate, string? Registry) Read(MapReader keys)
    {
        var registry = ReadRegistry(keys);
        var isLookedUp = keys.Flag("lookup", ifAbsent: false);
        var (tags, properties) = (ValuesByName(keys, "tags"), ValuesByName(keys, "properties"));
        var stages = Values(keys, Stage);
        var metrics = ReadMetrics(keys);
        var match = new ModelMatch { Names = Values(keys, "name"), Versions = Values(keys, "version") };
        match = isLookedUp ? match : match with { Tags = tags, Properties = properties };
        if (stages.Length > 0 && !isLookedUp && keys.Node(Stage) is { } stage)
        {
            keys.Reading.Add(stage, $"'{Stage}' needs 'lookup: true': the event of a registered model does not contain the stage");
        }

        keys.RejectUnreadKeys();
        if (match.Names.Count + match.Versions.Count + tags.Count + properties.Count + stages.Length == 0 && registry is null)
        {
            keys.Reading.Add(keys.Map, "'model' needs at least one of 'name', 'version', 'tags', 'properties', 'stage' and 'registry'");
        }

        var gate = new ModelGate { Metrics = metrics };
        return (match, isLookedUp ? gate with { Tags = tags, Properties = properties, Stages = stages } : metrics.Length > 0 ? gate : null, registry);
    }

    private static string? ReadRegistry(MapReader keys)
    {
        if (keys.Scalar("registry") is not { } text)
        {
            return null;
        }

        if (!RegistryId().IsMatch(text.Value))
        {
            keys.Reading.Add(text, $"'{text.Value}' is not the ARM id of a registry, /subscriptions/…/resourceGroups/…/providers/Microsoft.MachineLearningServices/registries/…; print it with 'az ml registry show --name NAME --query id'");
        }

        return text.Value;
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
            NotWorseThanCurrent = NumberReader.Read(keys, "notWorseThanCurrent", min: 0),
            Better = keys.Choice("better", MetricDirection.Higher, inLowerCase: true),
        };
        keys.RejectUnreadKeys();
        if (metric is { Min: null, Max: null, NotWorseThanCurrent: null })
        {
            reading.Add(map, $"'{Metrics}.{metric.Name}' needs at least one of 'min', 'max' and 'notWorseThanCurrent'");
        }

        return metric;
    }

    private static string[] Values(MapReader keys, string key) => [.. keys.Texts(key).Select(text => text.Value)];

    private static IReadOnlyDictionary<string, IReadOnlyList<string>> ValuesByName(MapReader keys, string key) => keys.Each<IReadOnlyList<string>>(key, KeyShape.Texts, (name, node) => node switch
    {
        YamlList list => [.. list.Items.Select(item => keys.AsText($"{name}[]", item)).OfType<YamlText>().Select(text => text.Value)],
        _ => keys.AsText(name, node) is { } text ? [text.Value] : null,
    });

    [GeneratedRegex(@"\A/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.MachineLearningServices/registries/[A-Za-z0-9][\w\-]{1,32}\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex RegistryId();
}
