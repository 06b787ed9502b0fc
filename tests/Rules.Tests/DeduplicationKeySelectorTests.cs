using MLEvents.Events;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests;

/// <summary>Which events have the same deduplication key.</summary>
public sealed class DeduplicationKeySelectorTests
{
    [Theory]
    [InlineData("event", null)]
    [InlineData("run+status", """run+status=["r","failed"]""")]
    [InlineData("Status + run + run", """run+status=["r","failed"]""")]
    [InlineData("type+subject", """subject+type=["experiments/e/runs/r","Microsoft.MachineLearningServices.RunStatusChanged"]""")]
    [InlineData("version", """version=["20"]""")]
    [InlineData("run+endpoint", null)]
    public void A_deduplication_key_consists_of_values_of_the_event(string once, string? expected)
    {
        var workflowEvent = TestData.Event("""{"RunId":"r","runStatus":"Failed","modelVersion":20}""", EventTypes.RunStatusChanged);

        Assert.Equal(expected, DeduplicationKeySelector.Parse(once, out _)?.KeyOf(workflowEvent));
    }

    [Theory]
    [InlineData("data.runTags.team", """data.runTags.team=["a"]""")]
    [InlineData("data.RUNTAGS.team + run", """data.RUNTAGS.team+run=["a","r"]""")]
    [InlineData("data.runTags[\"a.b+c\"]+version", """data.runTags["a.b+c"]+version=["x","20"]""")]
    [InlineData("data.runTags", """data.runTags=["{\u0022team\u0022:\u0022a\u0022,\u0022a.b\u002Bc\u0022:\u0022x\u0022}"]""")]
    [InlineData("data.runTags.none", null)]
    [InlineData("data.empty", null)]
    [InlineData("{{ data.runTags.team }}/{{ data.modelVersion }}", """{{ data.runTags.team }}/{{ data.modelVersion }}=["a/20"]""")]
    [InlineData("{{ data.runTags.none }}", null)]
    [InlineData("{% if data.modelVersion > 30 %}x{% endif %}", null)]
    public void A_field_of_the_event_or_a_template_can_be_a_deduplication_key(string once, string? expected)
    {
        var workflowEvent = TestData.Event("""{"runId":"r","runTags":{"team":"a","a.b+c":"x"},"modelVersion":20,"empty":""}""");

        Assert.Equal(expected, DeduplicationKeySelector.Parse(once, out _)?.KeyOf(workflowEvent));
    }

    [Fact]
    public void A_status_and_an_ARM_id_have_the_same_key_in_any_casing()
    {
        var once = DeduplicationKeySelector.Parse("run+status+dataset", out _);

        Assert.Equal(
            once?.KeyOf(TestData.Event("""{"runId":"r","runStatus":"Failed","targetDatasetId":"/subscriptions/s/resourceGroups/g"}""")),
            once?.KeyOf(TestData.Event("""{"runId":"r","runStatus":"failed","targetDatasetId":"/subscriptions/S/resourcegroups/g/"}""")));
    }

    [Theory]
    [InlineData("data.asset")]
    [InlineData("{{ data.asset }}")]
    public void A_field_or_template_whose_whole_value_is_an_ARM_id_has_the_same_key_in_any_casing(string text)
    {
        var once = DeduplicationKeySelector.Parse(text, out _);

        Assert.Equal(KeyOf("/subscriptions/s/resourceGroups/G"), KeyOf("/SUBSCRIPTIONS/S/resourcegroups/g/"));
        Assert.NotEqual(KeyOf("/subscriptions/s/resourceGroups/g: Run-A"), KeyOf("/subscriptions/s/resourceGroups/g: run-a"));
        Assert.NotEqual(KeyOf("Run-A"), KeyOf("run-a"));

        string? KeyOf(string asset) => once?.KeyOf(TestData.Event($$"""{"asset":"{{asset}}"}"""));
    }

    [Fact]
    public void Different_values_have_different_keys()
    {
        var once = DeduplicationKeySelector.Parse("run+status", out _);

        Assert.NotEqual(once?.KeyOf(TestData.Event("""{"runId":"a\",\"b","runStatus":"c"}""")), once?.KeyOf(TestData.Event("""{"runId":"a","runStatus":"b\",\"c"}""")));
    }

    [Theory]
    [InlineData("runs", "unknown part 'runs' of 'once'; did you mean 'run'?; expected one of: event, run, status, model, version, endpoint, dataset, type, subject, a field such as data.runTags.team, or a template")]
    [InlineData("run+dta.x", "unknown event key 'dta.x'; did you mean 'data.dta.x'?")]
    [InlineData("data.x[", "the key 'data.x[' is not well-formed; a name with dots is written [\"a.b\"]")]
    [InlineData("{{ data.x", "End of tag")]
    [InlineData("{{ dta.x }}", "unknown variable 'dta'; did you mean 'data'?")]
    [InlineData("event+run", "'event' cannot be combined with other parts")]
    [InlineData("run+", "unknown part '' of 'once'; expected one of: event, run, status, model, version, endpoint, dataset, type, subject, a field such as data.runTags.team, or a template")]
    public void An_invalid_deduplication_key_is_refused_with_the_reason(string text, string expected)
    {
        Assert.Null(DeduplicationKeySelector.Parse(text, out var error));

        Assert.StartsWith(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_once_sets_the_deduplication_key_and_its_default_is_the_event()
    {
        using var folder = new TempFolder();

        var rules = RuleLoader.LoadAlerts(folder.Write("alerts.yaml", """
            alerts:
              - { name: a, when: {}, once: run+status, send: { channel: x, forward: true } }
              - { name: b, when: {}, send: { channel: x, forward: true } }
            """)).Rules;

        Assert.Equal(["run+status", "event"], rules.Select(rule => rule.Once.ToString()));
    }

    [Fact]
    public void A_wrong_deduplication_key_is_an_error_with_its_position()
    {
        using var folder = new TempFolder();
        var file = folder.Write("alerts.yaml", "alerts:\n  - { name: a, when: {}, once: runn, send: { channel: x, forward: true } }\n");

        var error = Assert.Single(Assert.Throws<RuleFileException>(() => RuleLoader.LoadAlerts(file)).Errors);

        Assert.Equal((2, 32), (error.Line, error.Column));
    }
}
