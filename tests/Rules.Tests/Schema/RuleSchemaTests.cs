using System.Text.Json;
using System.Text.Json.Nodes;

using Json.Schema;

using MLEvents.Rules.Schema;
using MLEvents.Rules.Yaml;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Schema;

/// <summary>The JSON Schemas of rule files accept the keys and values that the readers accept.</summary>
public sealed class RuleSchemaTests
{
    private static readonly Dictionary<string, Func<JsonObject>> Generated = new()
    {
        ["alerts"] = RuleSchema.Create<AlertRule>,
        ["retraining"] = RuleSchema.Create<RetrainingRule>,
        ["deployments"] = RuleSchema.Create<DeploymentRule>,
    };

    public static TheoryData<string> Names => [.. Generated.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_schema_in_the_repository_equals_the_schema_that_the_readers_generate(string name)
    {
        var written = JsonNode.Parse(File.ReadAllText(Repository.PathOf("rules", "schema", $"{name}.json")));

        Assert.True(JsonNode.DeepEquals(Generated[name](), written), $"rules/schema/{name}.json is not current. Run: dotnet run --project tools/Cli -- rules schema rules/schema");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_sample_validates_and_names_its_schema(string name)
    {
        var sample = File.ReadAllText(Files.Rules($"{name}.yaml"));

        Assert.StartsWith($"# yaml-language-server: $schema=schema/{name}.json\n", sample, StringComparison.Ordinal);
        Assert.True(IsValid(name, sample));
    }

    [Theory]
    [InlineData("canary")]
    [InlineData("approval")]
    [InlineData("blue-green")]
    [InlineData("linear")]
    [InlineData("mirror")]
    [InlineData("proven")]
    public void The_sample_of_a_strategy_validates(string name) => Assert.True(IsValid("deployments", File.ReadAllText(Files.Rules($"strategies/{name}.yaml"))));

    [Theory]
    [InlineData("alerts", "alerts: [{ name: a, when: {}, send: { chanel: email } }]")]
    [InlineData("alerts", "alerts: [{ name: a, when: {} }]")]
    [InlineData("alerts", "alerts: [{ name: a, when: { includedEventTypes: [RunComplete] }, send: { channel: x } }]")]
    [InlineData("alerts", "alerts: [{ name: a, when: { not: { any: [{ subjectBeginWith: x }] } }, send: { channel: x } }]")]
    [InlineData("alerts", "alerts: [{ name: a, when: { advancedFilters: [{ operatorType: StringsIn, key: id }] }, send: { channel: x } }]")]
    [InlineData("alerts", "alerts: [{ name: a, enabled: maybe, when: {}, send: { channel: x } }]")]
    [InlineData("alerts", "alerts: [{ name: a, when: {}, send: { channel: email, to: a@b, throttle: { max: 0, per: 1h } } }]")]
    [InlineData("alerts", "alerts: [{ name: a, when: {}, send: { channel: email, to: a@b, throttle: { max: 5, per: 30s } } }]")]
    [InlineData("alerts", "alerts: [{ name: a, when: {}, send: { channel: email, to: a@b, throttle: { max: 5 } } }]")]
    [InlineData("alerts", "alert: []")]
    [InlineData("retraining", "retraining: [{ name: a, when: {}, run: { pipelinejob: x } }]")]
    [InlineData("deployments", "deployments: [{ name: a, deploy: { endpoint: churn } }]")]
    [InlineData("deployments", "deployments: [{ name: a, deploy: { endpoint: churn, location: l, traffic: 101 } }]")]
    [InlineData("deployments", "deployments: [{ name: a, deploy: { endpoint: churn, location: l, authMode: Kee } }]")]
    public void The_schema_refuses_keys_and_values_that_the_readers_refuse(string name, string yaml) => Assert.False(IsValid(name, yaml));

    [Theory]
    [InlineData("alerts", "alerts: [{ name: a, once: run+status, when: { enableAdvancedFilteringOnArrays: null, includedEventTypes: Contoso.Thing }, send: { channel: x, forward: true } }]")]
    [InlineData("alerts", "alerts: [{ name: a, when: {}, send: { channel: email, to: a@b, thread: x } }]")]
    [InlineData("alerts", "alerts: [{ name: a, when: {}, send: { channel: slack, format: slack, conversation: C1, thread: x } }]")]
    [InlineData("alerts", "alerts: [{ name: a, when: {}, send: { channel: email, to: a@b, throttle: { max: 5, per: 90m, key: x } } }]")]
    [InlineData("retraining", "retraining: [{ name: a, when: {}, run: { pipelineJob: x, inputs: { n: 1 } } }]")]
    [InlineData("deployments", "deployments: [{ name: a, model: { version: [1, '2'], tags: { t: x } }, deploy: { endpoint: churn, location: l } }]")]
    public void The_schema_accepts_keys_and_values_that_the_readers_accept(string name, string yaml) => Assert.True(IsValid(name, yaml));

    [Fact]
    public void Every_key_has_a_description()
    {
        var places = new[] { RuleSchema.Recorded<AlertRule>(), RuleSchema.Recorded<RetrainingRule>(), RuleSchema.Recorded<DeploymentRule>() }.SelectMany(recorder => recorder.Places);

        var without = places.SelectMany(place => place.Value.Keys.Where(key => KeyDescriptions.Find(place.Key, key) is null).Select(key => $"{place.Key}.{key}"));

        Assert.Empty(without);
    }

    private static bool IsValid(string name, string yaml)
    {
        var json = YamlReader.Read(yaml) is { } node ? YamlJson.ToJson(node) : null;
        var schema = JsonSchema.FromText(Generated[name]().ToJsonString());
        return schema.Evaluate(JsonSerializer.SerializeToElement(json)).IsValid;
    }
}
