using System.Text.Json.Nodes;

using MLEvents.Rules.Reading;
using MLEvents.Rules.RuleReaders;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.Schema;

/// <summary>JSON Schemas of the rule files, for completion and checks in editors. They use draft 7, which editors support best.</summary>
/// <remarks>
/// The readers read the examples below, and the schemas contain exactly the keys that the readers ask for. A schema never contains a key that the readers do not know.
/// A key that no example reaches would be missing. The readers check more than a schema can express.
/// </remarks>
public static class RuleSchema
{
    private const string AnyCondition = "when: { advancedFilters: [{}], any: [{}] }";

    private const string AnyLimits = "cooldown: {}, budget: {}, concurrency: {}, approval: {}";

    // The condition is optional in a rule with a state.
    private const string StatefulAlert = "{ state: { key: x, open: {}, resolve: {} }, send: { channel: x } }";

    private const string BatchRetraining = "{ when: {}, run: { batchEndpoint: x, inputs: { x: {} }, outputs: { x: {} } } }";

    /// <summary>Rules that make the readers read every key that they know.</summary>
    private static readonly Dictionary<Type, string[]> Examples = new()
    {
        [typeof(AlertRule)] = [$"{{ {AnyCondition}, send: {{ channel: email, throttle: {{}} }} }}", $"{{ {AnyCondition}, send: {{ channel: x }} }}", StatefulAlert],
        [typeof(RetrainingRule)] = [$"{{ {AnyCondition}, run: {{}}, retry: {{}}, {AnyLimits} }}", BatchRetraining],
        [typeof(DeploymentRule)] =
        [
            $"{{ {AnyCondition}, model: {{ metrics: {{ auc: {{}} }} }}, deploy: {{ codeConfiguration: {{}}, autoscale: {{ rules: [{{}}] }} }}, strategy: {{ steps: [{{}}], verify: [{{ expect: {{ compareWithCurrent: {{}} }} }}], metrics: [{{}}] }}, {AnyLimits} }}",
            $"{{ {AnyCondition}, deploy: {{}} }}",
        ],
    };

    /// <summary>Creates the JSON Schema of the rule file for one kind of rule.</summary>
    /// <typeparam name="TRule">The kind of rule.</typeparam>
    public static JsonObject Create<TRule>()
        where TRule : Rule
    {
        var format = RuleFormat.For<TRule>();
        var recorder = Recorded<TRule>();
        return new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = format.File,
            ["type"] = "object",
            ["properties"] = new JsonObject { [format.Key] = KeyShape.ListOf(format.Place).ToJson() },
            ["required"] = new JsonArray(format.Key),
            ["additionalProperties"] = false,
            ["definitions"] = new JsonObject(recorder.Places.Keys.Select(place => KeyValuePair.Create<string, JsonNode?>(place, Definition(place, recorder)))),
        };
    }

    /// <summary>The keys that the readers of a kind of rule read.</summary>
    internal static FormatRecorder Recorded<TRule>()
        where TRule : Rule
    {
        var (format, all) = (RuleFormat.For<TRule>(), new FormatRecorder());
        using var folder = new RuleFolder(Path.GetTempPath());
        foreach (var example in Examples[typeof(TRule)])
        {
            var recorder = new FormatRecorder();
            if (YamlReader.Read(example) is YamlMap map)
            {
                format.Read(new MapReader(map, new RuleParseContext(folder, format.File) { Recorder = recorder }, format.Place));
            }

            all.Add(recorder);
        }

        return all;
    }

    private static JsonObject Definition(string place, FormatRecorder recorder)
    {
        // Users paste conditions from `az eventgrid event-subscription show`, which writes null for a key that is not set.
        var nullable = place is KeyShape.Condition or KeyShape.AdvancedFilter;
        var definition = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(recorder.Places[place].Select(key => KeyValuePair.Create<string, JsonNode?>(key.Key, Property(place, key.Key, key.Value, nullable)))),
            ["additionalProperties"] = false,
        };
        if (recorder.RequiredIn(place) is { Count: > 0 } required)
        {
            definition["required"] = new JsonArray([.. required.Select(key => JsonValue.Create(key))]);
        }

        return definition;
    }

    // Draft 7 ignores the keys beside a $ref, so the reference goes into an allOf, and the description can be added.
    private static JsonObject Property(string place, string key, KeyShape shape, bool nullable)
    {
        var schema = shape.ToJson();
        var property = nullable && schema.Count > 0 ? new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) }
            : schema.ContainsKey("$ref") ? new JsonObject { ["allOf"] = new JsonArray(schema) }
            : schema;
        if (KeyDescriptions.Find(place, key) is { } description)
        {
            property["description"] = description;
        }

        return property;
    }
}
