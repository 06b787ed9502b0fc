using System.Text.Json;

namespace MLEvents.Events.Tests;

/// <summary>The events of dataset monitors and the events of model monitors are read into the same members.</summary>
public sealed class DriftTests
{
    private const string Head = "The signal 'churn-monitor_data_drift' has failed due to one or more features violating metric thresholds.\n"
        + "The feature names and their corresponding computed metric values violating the threshold are \n";

    private const string Age = """'{"group":"age","metric_value":0.27,"metric_name":"normalized_wasserstein_distance","threshold_value":0.1}'""";
    private const string Plan = """'{"group":"plan","metric_value":0.01,"metric_name":"pearsons_chi_squared_test","threshold_value":0.05}'""";

    [Fact]
    public void The_drift_of_a_dataset_monitor_has_a_coefficient_and_two_data_sets_and_a_time_window()
    {
        var drift = Read("DatasetDriftDetected", """
            { "DataDriftName": "churn-monitor", "RunId": "d_1", "BaseDatasetId": "b", "TargetDatasetId": "t", "DriftCoefficient": "0.83", "StartTime": "2026-01-01", "EndTime": "2026-01-02" }
            """);

        Assert.Equal(
            new Drift
            {
                Monitor = "churn-monitor",
                Signal = "data_drift",
                Text = "The monitor churn-monitor detected drift with the coefficient 0.83.",
                Coefficient = 0.83,
                RunId = "d_1",
                BaselineDataset = "b",
                TargetDataset = "t",
                StartTime = "2026-01-01",
                EndTime = "2026-01-02",
                Features = drift?.Features ?? [],
            },
            drift);
        Assert.Equal("[]", drift?.ToJson().GetProperty("features").GetRawText());
    }

    [Theory]
    [InlineData("""{ "driftCoefficient": 0.5 }""", "The monitor without a name detected drift with the coefficient 0.5.", true)]
    [InlineData("""{ "dataDriftName": "m" }""", "The monitor m detected drift.", false)]
    [InlineData("""{ "dataDriftName": "m", "driftCoefficient": "much" }""", "The monitor m detected drift.", false)]
    [InlineData("{}", "The monitor without a name detected drift.", false)]
    public void Values_that_a_dataset_monitor_omits_are_absent(string data, string text, bool hasCoefficient)
    {
        var drift = Read("DatasetDriftDetected", data);

        Assert.Equal((text, hasCoefficient), (drift?.Text, drift?.ToJson().TryGetProperty("coefficient", out _)));
    }

    [Fact]
    public void The_drift_of_a_model_monitor_has_the_features_that_its_text_names()
    {
        var drift = Breach($"{Head}[{Age}, {Plan}]\n", """, "experimentName": "churn-monitor" """);

        Assert.Equal(("churn-monitor", "data_drift", "m_1", 0.27), (drift?.Monitor, drift?.Signal, drift?.RunId, drift?.Coefficient));
        Assert.Equal("The signal 'churn-monitor_data_drift' has failed due to one or more features violating metric thresholds.", drift?.Text);
        Assert.Equal([new("age", "normalized_wasserstein_distance", 0.27, 0.1), new DriftedFeature("plan", "pearsons_chi_squared_test", 0.01, 0.05)], drift?.Features);
        Assert.Equal("""["age","plan"]""", drift?.ToJson().GetProperty("featureNames").GetRawText());
        Assert.Equal(JsonValueKind.Undefined, drift?.ToJson().TryGetProperty("targetDataset", out var target) == true ? target.ValueKind : JsonValueKind.Undefined);
    }

    [Theory]
    [InlineData(""", "experimentName": "churn-monitor" """, "churn-monitor", "data_drift")]
    [InlineData(""", "experimentName": "churn" """, "churn-monitor_data_drift", "churn-monitor_data_drift")]
    [InlineData(""", "runProperties": { "x": "CHURN-MONITOR" } """, "churn-monitor", "data_drift")]
    [InlineData(""", "experimentName": "churn-monitor", "runProperties": { "x": "churn-monitor_data" } """, "churn-monitor_data", "drift")]
    [InlineData(""", "experimentName": "churn-monitor_data_drift" """, "churn-monitor_data_drift", "churn-monitor_data_drift")]
    public void The_experiment_or_a_run_property_shows_where_the_name_of_the_monitor_ends(string more, string monitor, string signal) =>
        Assert.Equal((monitor, signal), (Breach(Head, more)?.Monitor, Breach(Head, more)?.Signal));

    [Theory]
    [InlineData("churn-monitor_data_drift", "churn-monitor", "churn-monitor", "data_drift")]
    [InlineData("data_drift", "churn-monitor", "churn-monitor", "data_drift")]
    [InlineData("churn-monitor_data_drift", null, "churn-monitor_data_drift", "churn-monitor_data_drift")]
    public void The_job_names_the_monitor_and_its_data(string name, string? named, string monitor, string signal)
    {
        var happened = Event("RunStatusChanged", $$"""{ "runTags": { "{{Drift.BreachTag}}": "The signal '{{name}}' has failed" } }""");

        var drift = Drift.Read(happened with { MonitorJob = new() { Monitor = named, BaselineDataset = "b", TargetDataset = "t" } });

        Assert.Equal((monitor, signal, "b", "t"), (drift?.Monitor, drift?.Signal, drift?.BaselineDataset, drift?.TargetDataset));
        Assert.Null(Drift.Read(happened)?.TargetDataset);
    }

    [Theory]
    [InlineData("Signal x_y has failed due to one or more features violating metric thresholds.", "x_y")]
    [InlineData("the SIGNAL \"a b\" has  failed", "a b")]
    [InlineData("something else", "")]
    public void The_name_of_the_signal_is_read_from_other_wordings_too(string text, string name) =>
        Assert.Equal((name, 0, false), (Breach(text)?.Signal, Breach(text)?.Features.Count, Breach(text)?.Coefficient.HasValue));

    [Theory]
    [InlineData("[]", 0)]
    [InlineData("[{0}, {1}", 2)]
    [InlineData("[{0}, '{\"group\":\"pl", 1)]
    [InlineData("[{0}, 'no json', {1}]", 2)]
    [InlineData("[{0}, '[1]', '{\"group\":\"x\"}', '{\"metric_value\":1}']", 1)]
    [InlineData("[\"{'a': 1}\", {0}] trailing 'text'", 1)]
    [InlineData("'{\"group\":\"x\",\"metric_value\":1}'", 0)]
    [InlineData("[{0}, '\\", 1)]
    public void Only_complete_features_are_read(string list, int count) =>
        Assert.Equal(count, Breach(Head + list.Replace("{0}", Age, StringComparison.Ordinal).Replace("{1}", Plan, StringComparison.Ordinal))?.Features.Count);

    [Fact]
    public void Quotes_and_backslashes_in_a_feature_are_unescaped()
    {
        var drift = Breach(Head + """['{"group":"o\'neil \\"x\\"\\n","metric_value":2}']""");

        Assert.Equal([new DriftedFeature("o'neil \"x\"\n", "", 2, null)], drift?.Features);
        Assert.Null(drift?.Coefficient);
    }

    [Fact]
    public void At_most_a_hundred_features_are_read() => Assert.Equal(100, Breach($"{Head}[{string.Join(", ", Enumerable.Repeat(Age, 150))}]")?.Features.Count);

    [Theory]
    [InlineData("RunStatusChanged", """{ "runTags": {} }""")]
    [InlineData("RunStatusChanged", """{ "runTags": { "azureml_modelmonitor_threshold_breached": "" } }""")]
    [InlineData("RunStatusChanged", """{ "runTags": [1] }""")]
    [InlineData("RunCompleted", """{ "runTags": { "azureml_modelmonitor_threshold_breached": "The signal 'x' has failed" } }""")]
    [InlineData("ModelRegistered", "{}")]
    public void Other_events_report_no_drift(string type, string data) => Assert.Null(Read(type, data));

    [Fact]
    public void The_json_has_exactly_the_documented_members()
    {
        var all = Read("DatasetDriftDetected", """{ "dataDriftName": "m", "runId": "r", "baseDatasetId": "b", "targetDatasetId": "t", "driftCoefficient": 1, "startTime": "s", "endTime": "e" }""");

        Assert.Equal(Drift.Members, all?.ToJson().EnumerateObject().Select(member => member.Name));
    }

    private static Drift? Breach(string text, string more = "") =>
        Read("RunStatusChanged", $$"""{ "runId": "m_1", "RunTags": { "azureml_modelmonitor_threshold_breached": {{JsonSerializer.Serialize(text)}} }{{more}} }""");

    private static Drift? Read(string type, string data) => Drift.Read(Event(type, data));

    private static WorkflowEvent Event(string type, string data)
    {
        using var envelope = JsonDocument.Parse($$"""{ "id": "e", "source": "/s", "type": "Microsoft.MachineLearningServices.{{type}}", "data": {{data}} }""");
        return WorkflowEvent.TryRead(envelope.RootElement, out var result, out var error) ? result : throw new InvalidOperationException(error);
    }
}
