using MLEvents.Events;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Conditions;

/// <summary>Which models a deployment rule matches.</summary>
public sealed class ModelMatchTests
{
    private const string Model = """{"ModelName":"churn","modelVersion":20,"modelTags":{"Stage":"Production","ncd":true},"modelProperties":{"azureml.kind":"x"}}""";

    [Theory]
    [InlineData("name: churn", true)]
    [InlineData("name: Churn", false)]
    [InlineData("name: [sales, churn]", true)]
    [InlineData("version: 20", true)]
    [InlineData("version: \"20\"", true)]
    [InlineData("version: [19, 21]", false)]
    [InlineData("tags: { stage: production }", true)]
    [InlineData("tags: { stage: [staging, production], ncd: true }", true)]
    [InlineData("tags: { stage: prod }", false)]
    [InlineData("tags: { absent: x }", false)]
    [InlineData("properties: { azureml.kind: X }", true)]
    public void Every_required_value_must_match(string model, bool expected)
    {
        var rule = RuleOf($"model: {{ {model} }}");

        Assert.Equal(expected, rule.Matches(TestData.Event(Model, EventTypes.ModelRegistered)));
        Assert.Equal(expected, rule.When.Explain(TestData.Event(Model, EventTypes.ModelRegistered)).Matched);
    }

    [Fact]
    public void A_model_implies_the_type_ModelRegistered() =>
        Assert.False(RuleOf("model: { name: churn }").Matches(TestData.Event(Model, EventTypes.ModelDeployed)));

    [Fact]
    public void Model_and_when_must_both_hold() =>
        Assert.False(RuleOf("model: { name: churn }\n    when: { subjectEndsWith: nothing }").Matches(TestData.Event(Model, EventTypes.ModelRegistered)));

    [Fact]
    public void A_when_condition_replaces_the_implied_type() =>
        Assert.True(RuleOf("model: { name: churn }\n    when: { includedEventTypes: [RunCompleted] }").Matches(TestData.Event(Model)));

    [Fact]
    public void A_disabled_rule_matches_nothing() =>
        Assert.False(RuleOf("enabled: false\n    model: { name: churn }").Matches(TestData.Event(Model, EventTypes.ModelRegistered)));

    private static DeploymentRule RuleOf(string keys)
    {
        using var folder = new TempFolder();
        var file = folder.Write("deployments.yaml", $"deployments:\n  - name: rule\n    {keys}\n    deploy: {{ endpoint: churn, location: westeurope }}\n");
        return RuleLoader.LoadDeployments(file).Rules.Single();
    }
}
