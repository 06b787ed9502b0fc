using System.Diagnostics;
using System.Text.Json.Nodes;

using MLEvents.Tests.Common;

namespace MLEvents.Cli.Tests.Rules;

public sealed class TestTests : IDisposable
{
    private const string Drift = """{"dataDriftName":"churn-monitor","runId":"d_1","driftCoefficient":0.83,"targetDatasetId":"t-9"}""";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rules_that_fire_are_shown_with_their_action_and_the_others_with_the_condition_that_does_not_hold()
    {
        var (code, output, error) = await RunAsync(Sample.Rules, Sample.Event("DatasetDriftDetected", Drift));

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("fires          drift (line ", output, StringComparison.Ordinal);
        Assert.Contains("to: ml-team@example.com", output, StringComparison.Ordinal);
        Assert.Contains("The monitor churn-monitor detected drift with the coefficient 0.83.", output, StringComparison.Ordinal);
        Assert.Contains("fires          churn-on-drift", output, StringComparison.Ordinal);
        Assert.Contains("value: t-9", output, StringComparison.Ordinal);
        Assert.Contains("does not fire  sales-on-drift", output, StringComparison.Ordinal);
        Assert.Contains("""no  data.dataDriftName StringBeginsWith ['sales-']: data.dataDriftName is "churn-monitor""", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"dataDriftName":"churn-monitor","driftCoefficient":0.83}""", "DatasetDriftDetected", "  monitor: churn-monitor\n  signal: data_drift\n")]
    [InlineData("""{"runTags":{"azureml_modelmonitor_threshold_breached":"The signal 'x_y' has failed ['{\"group\":\"age\",\"metric_value\":1}']"}}""", "RunStatusChanged", "  featureNames: age\n")]
    public async Task The_drift_values_of_an_event_are_shown(string data, string type, string expected)
    {
        var (_, output, _) = await RunAsync(Sample.Rules, Sample.Event(type, data));
        var (_, json, _) = await RunAsync(Sample.Rules, Sample.Event(type, data), "--json");
        var (_, other, _) = await RunAsync(Sample.Rules, Sample.Event("RunCompleted", "{}"), "--json");

        Assert.Contains("\ndrift\n", output, StringComparison.Ordinal);
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.NotNull(JsonNode.Parse(json)?[0]?["drift"]?["signal"]);
        Assert.Null(JsonNode.Parse(other)?[0]?["drift"]);
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("[{0}, {0}]")]
    [InlineData("\uFEFF[{0}]")]
    public async Task Events_are_read_from_a_pipe(string format)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no named pipes in folders.");
        var content = _folder.Write("event.json", format.Replace("{0}", Sample.Event("DatasetDriftDetected", Drift), StringComparison.Ordinal));
        var pipe = Path.Combine(_folder.Path, "pipe");
        using var writer = Process.Start("sh", ["-c", $"mkfifo '{pipe}' && exec cat '{content}' > '{pipe}'"]);
        await Poll.UntilAsync(_ => Task.FromResult(File.Exists(pipe)), exists => exists, TestContext.Current.CancellationToken);

        var (code, output, error) = await CliRun.StartAsync("rules", "test", Sample.Rules, "--event", pipe);

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("fires          churn-on-drift", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deployment_is_shown_with_its_model_and_endpoint()
    {
        var (code, output, _) = await RunAsync(Sample.Rules, Sample.Event("ModelRegistered", """{"modelName":"churn","modelVersion":7}"""), "--rule", "churn-rollout");

        Assert.Equal(0, code);
        Assert.Contains("model: churn:7", output, StringComparison.Ordinal);
        Assert.Contains("endpoint: churn-scoring", output, StringComparison.Ordinal);
        Assert.DoesNotContain("model-registered", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_json_output_contains_the_same_results()
    {
        var (_, output, _) = await RunAsync(Sample.Rules, Sample.Event("RunStatusChanged", """{"runId":"r","runStatus":"Failed","experimentName":"churn"}"""), "--json");

        var rules = JsonNode.Parse(output)?[0]?["rules"]?.AsArray() ?? [];
        var failed = Assert.Single(rules, rule => rule?["rule"]?.ToString() == "run-failed");
        Assert.Equal("fires", failed?["outcome"]?.ToString());
        Assert.Equal("Run failed in churn", failed?["action"]?["subject"]?.ToString());
        Assert.Equal(["disabled", "does-not-fire", "fires"], rules.Select(rule => rule?["outcome"]?.ToString()).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(["deployer", "notifier", "retrainer"], rules.Select(rule => rule?["service"]?.ToString()).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_throttle_is_shown_with_its_key_for_the_event()
    {
        _folder.Write("rules/alerts.yaml", "alerts:\n  - { name: a, when: {}, send: { channel: email, to: a@b.c, throttle: { max: 5, per: 90m, key: 'runs of {{ data.team }}' } } }\n");

        var (code, output, _) = await RunAsync(Path.Combine(_folder.Path, "rules"), Sample.Event("RunCompleted", """{"team":"churn"}"""));

        Assert.Equal(0, code);
        Assert.Contains("throttle:\n      max: 5\n      per: 01:30:00\n      key: runs of churn\n", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_for_which_no_rule_fires_leads_to_exit_code_1()
    {
        var (code, output, _) = await RunAsync(Sample.Alert(_folder, "{ subjectBeginsWith: models/ }"), Sample.Event("RunCompleted", "{}"));

        Assert.Equal(1, code);
        Assert.Contains("subjectBeginsWith 'models/': the subject is 's/e-1'", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_alert_that_would_use_a_default_text_is_shown_with_the_reason_and_leads_to_exit_code_1()
    {
        _folder.Write("rules/alerts.yaml", "alerts:\n  - { name: a, when: {}, send: { channel: email, to: a@b.c, subject: '{{ data.absent }}' } }\n");

        var (code, output, _) = await RunAsync(Path.Combine(_folder.Path, "rules"), Sample.Event("RunCompleted", "{}"));

        Assert.Equal(1, code);
        Assert.Contains("a default would be used: subject: 'data.absent' has no value", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_outcome_distinguishes_a_disabled_rule_from_a_rule_that_started_the_run_itself()
    {
        _folder.Write("rules/jobs/j.yaml", "jobType: Pipeline\n");
        _folder.Write("rules/retraining.yaml", """
            retraining:
              - { name: off, enabled: false, when: {}, run: { pipelineJob: jobs/j.yaml } }
              - { name: again, when: {}, once: run+status, run: { pipelineJob: jobs/j.yaml } }
            """);
        var rules = Path.Combine(_folder.Path, "rules");

        var own = await RunAsync(rules, Sample.Event("RunStatusChanged", """{"runId":"r","runStatus":"Failed","runTags":{"mlevents.rule":"again"}}"""));
        var other = await RunAsync(rules, Sample.Event("RunStatusChanged", """{"runId":"r","runStatus":"Failed"}"""));

        Assert.Equal((1, 0), (own.Code, other.Code));
        Assert.Contains("own run        again", own.Output, StringComparison.Ordinal);
        Assert.Contains("disabled       off", own.Output, StringComparison.Ordinal);
        Assert.Contains("""once for run+status=["r","failed"]""", other.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":"1"}""", "event 1: it has neither 'eventType'")]
    [InlineData("""{"id":"1","eventType":"t"}""", "event 1: 'topic' is missing or empty")]
    [InlineData("[", "invalid JSON after event 0")]
    [InlineData("", "contains no event")]
    [InlineData("[1]", "event 1: it is a JSON Number, not an object")]
    public async Task A_text_that_is_not_an_event_is_refused_with_its_place(string text, string expected)
    {
        var (code, _, error) = await RunAsync(Sample.Rules, text);

        Assert.Equal(1, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_names_a_file_or_a_rule_that_does_not_exist()
    {
        var file = await CliRun.StartAsync("rules", "test", Sample.Rules, "--event", Path.Combine(_folder.Path, "absent.json"));
        var rule = await RunAsync(Sample.Rules, Sample.Event("RunCompleted", "{}"), "--rule", "absent");

        Assert.Equal((3, 1), (file.Code, rule.Code));
        Assert.Contains("absent.json", file.Error, StringComparison.Ordinal);
        Assert.Contains("Unknown rule 'absent'; expected one of: drift, run-failed", rule.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_templates_of_an_event_see_the_earlier_events_of_its_chain_whatever_their_order_in_the_file()
    {
        _folder.Write("rules/alerts.yaml", """
            alerts:
              - name: look-back
                when: { }
                send: { channel: email, to: [a@example.org], subject: "{% for step in previous %}{{ step.eventType }}, {% endfor %}then {{ id }}" }
            """);
        var (drift, model) = (Sample.Event("DatasetDriftDetected", "{}", "e-1"), Sample.Event("ModelRegistered", """{"modelTags":{"mlevents.correlation":"e-1"}}""", "e-2"));

        var (code, output, _) = await RunAsync(Path.Combine(_folder.Path, "rules"), $"[{model},{drift},{Sample.Event("RunCompleted", "{}", "e-3")}]");

        Assert.Equal(0, code);
        Assert.Contains("subject: DatasetDriftDetected, then e-2", output, StringComparison.Ordinal);
        Assert.Contains("subject: then e-1", output, StringComparison.Ordinal);
        Assert.Contains("subject: then e-3", output, StringComparison.Ordinal);
    }

    private Task<CliRun> RunAsync(string rules, string events, params string[] more) =>
        CliRun.StartAsync(["rules", "test", rules, "--event", _folder.Write("event.json", events), .. more]);
}
