using MLEvents.Events;
using MLEvents.Rules.SubscriptionFilters;
using MLEvents.Rules.Templates;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests.Conditions;

/// <summary>Tests the members of <c>drift</c> in conditions and templates.</summary>
public sealed class DriftTests
{
    private const string Breach = """
        {"experimentName":"churn-monitor","runTags":{"azureml_modelmonitor_threshold_breached":
         "The signal 'churn-monitor_data_drift' has failed due to one or more features violating metric thresholds.\nare \n['{\"group\":\"age\",\"metric_value\":0.5,\"threshold_value\":0.1}']"}}
        """;

    private static readonly WorkflowEvent Dataset = TestData.Event("""{"dataDriftName":"churn-monitor","driftCoefficient":0.5}""", EventTypes.DatasetDriftDetected);
    private static readonly WorkflowEvent Model = TestData.Event(Breach, EventTypes.RunStatusChanged);
    private static readonly WorkflowEvent Other = TestData.Event("""{"runTags":{}}""", EventTypes.RunStatusChanged);

    [Theory]
    [InlineData("{ operatorType: StringIn, key: drift.monitor, values: [churn-monitor] }", true, true, false)]
    [InlineData("{ operatorType: StringIn, key: DRIFT.Signal, values: [data_drift] }", true, true, false)]
    [InlineData("{ operatorType: NumberGreaterThan, key: drift.coefficient, value: 0.3 }", true, true, false)]
    [InlineData("{ operatorType: NumberGreaterThan, key: drift.coefficient, value: 0.6 }", false, false, false)]
    [InlineData("{ operatorType: StringIn, key: drift.featureNames, values: [age] }", false, true, false)]
    [InlineData("{ operatorType: IsNotNull, key: drift }", true, true, false)]
    [InlineData("{ operatorType: IsNullOrUndefined, key: drift }", false, false, true)]
    [InlineData("{ operatorType: StringNotIn, key: drift.monitor, values: [churn-monitor] }", false, false, true)]
    public void A_condition_on_drift_works_for_both_event_types(string filter, bool dataset, bool model, bool other)
    {
        var condition = TestData.Condition($"enableAdvancedFilteringOnArrays: true\nadvancedFilters: [{filter}]");

        Assert.Equal((dataset, model, other), (condition.Matches(Dataset), condition.Matches(Model), condition.Matches(Other)));
    }

    [Fact]
    public void An_explanation_shows_the_member_and_its_value()
    {
        var condition = TestData.Condition("advancedFilters: [{ operatorType: StringIn, key: drift.monitor, values: [x] }]");

        Assert.Contains("drift.monitor is \"churn-monitor\"", condition.Explain(Model).ToString(), StringComparison.Ordinal);
        Assert.Contains("drift.monitor is missing", condition.Explain(Other).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("drift.moniter", "unknown key 'drift.moniter'; did you mean 'monitor'?")]
    [InlineData("drift.x", "unknown key 'drift.x'; the members of drift are monitor, signal, text, coefficient")]
    public void An_unknown_member_is_refused(string key, string expected)
    {
        var refused = Assert.Throws<RuleFileException>(() => TestData.Condition($"advancedFilters: [{{ operatorType: IsNotNull, key: {key} }}]"));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{ drift.monitor }} {{ drift.coefficient }}", "churn-monitor 0.5", "churn-monitor 0.5")]
    [InlineData("{% for feature in drift.features %}{{ feature.name }} {{ feature.value }}>{{ feature.threshold }}{% endfor %}", "", "age 0.5>0.1")]
    [InlineData("{{ drift.featureNames | join: ', ' | default: drift.signal }}", "data_drift", "age")]
    public void A_template_renders_drift_of_both_event_types(string template, string dataset, string model) =>
        Assert.Equal((dataset, model), (Render(template, Dataset), Render(template, Model)));

    [Fact]
    public void A_template_of_an_event_without_drift_needs_a_default()
    {
        Assert.Equal("none", Render("{{ drift.monitor | default: 'none' }}", Other));
        Assert.Contains("'drift.monitor' has no value", Assert.Throws<TemplateException>(() => Render("{{ drift.monitor }}", Other)).Message, StringComparison.Ordinal);
        Assert.Contains("unknown variable 'drift.moniter'; did you mean 'monitor'?", Assert.Throws<TemplateException>(() => Render("{{ drift.moniter }}", Other)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ operatorType: StringIn, key: drift.monitor, values: [a] }", """{"includedEventTypes":["Microsoft.MachineLearningServices.DatasetDriftDetected","Microsoft.MachineLearningServices.RunStatusChanged"]}""")]
    [InlineData("{ operatorType: IsNullOrUndefined, key: drift }", "{}")]
    public void The_subscription_filter_passes_the_events_that_can_report_drift(string filter, string expected) =>
        Assert.Equal(expected, Subscription($"advancedFilters: [{filter}]"));

    [Fact]
    public void The_subscription_filter_of_a_rule_for_the_drift_of_runs_passes_only_runs_with_a_breach() => Assert.Equal(
        """{"includedEventTypes":["Microsoft.MachineLearningServices.RunStatusChanged"],"advancedFilters":[{"operatorType":"IsNotNull","key":"data.runTags.azureml_modelmonitor_threshold_breached"}],"enableAdvancedFilteringOnArrays":false}""",
        Subscription("includedEventTypes: [RunStatusChanged]\nadvancedFilters: [{ operatorType: IsNotNull, key: drift.monitor }]"));

    [Fact]
    public void The_index_of_a_rule_set_finds_the_rule_for_both_event_types()
    {
        using var folder = new TempFolder();
        var rules = RuleLoader.LoadAlerts(folder.Write("alerts.yaml", """
            alerts:
              - name: drift
                when: { advancedFilters: [{ operatorType: StringIn, key: drift.monitor, values: [churn-monitor] }] }
                send: { channel: archive, forward: true }
            """));

        Assert.Equal((1, 1, 0), (rules.Matching(Dataset).Count(), rules.Matching(Model).Count(), rules.Matching(Other).Count()));
    }

    private static string Render(string template, WorkflowEvent workflowEvent) => Template.Parse(template, TemplateTarget.Argument).Render(TemplateModel.For(workflowEvent));

    private static string? Subscription(string when)
    {
        using var folder = new TempFolder();
        var indented = string.Join('\n', when.Split('\n').Select(line => "      " + line));
        return SubscriptionFilter.Create(RuleLoader.LoadAlerts(folder.Write("alerts.yaml", $"alerts:\n  - name: r\n    when:\n{indented}\n    send: {{ channel: archive, forward: true }}\n")).Rules)?.ToJsonString();
    }
}
