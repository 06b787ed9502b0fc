using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLEvents.Events;

/// <summary>Drift that a monitor reports, in one form for two sources: <c>DatasetDriftDetected</c> of dataset monitors (v1), and the run of a v2 model monitor that exceeded a threshold.</summary>
/// <remarks>
/// A v2 monitor writes the breach as text into a tag of its run, which <c>RunStatusChanged</c> contains. Components of Azure Machine Learning write the text
/// (Azure/azureml-assets, assets/model_monitoring): the name of the signal, and the features that violate their thresholds.
/// </remarks>
public sealed record Drift
{
    /// <summary>The tag of a run that holds the text of a breach.</summary>
    public const string BreachTag = "azureml_modelmonitor_threshold_breached";

    /// <summary>The members of <see cref="ToJson"/>.</summary>
    public static IReadOnlyList<string> Members { get; } =
        ["monitor", "signal", "text", "coefficient", "features", "featureNames", "runId", "baselineDataset", "targetDataset", "startTime", "endTime"];

    private const string RunTags = "runTags";
    private const string DataDrift = "data_drift";

    /// <summary>The monitor; empty if the event names none. If the name of a v2 monitor cannot be separated from the name of its signal, the value contains both names: <c>monitor_signal</c>.</summary>
    public required string Monitor { get; init; }

    /// <summary>The signal; <c>data_drift</c> for a dataset monitor, and the same as <see cref="Monitor"/> when the two cannot be separated.</summary>
    public required string Signal { get; init; }

    /// <summary>
    /// The monitor's report in one line: the first line of the breach text, or for a dataset monitor a sentence with the coefficient if there is one.
    /// </summary>
    public required string Text { get; init; }

    /// <summary>The drift coefficient of a dataset monitor, or the largest metric value above its threshold for a v2 monitor. Null if there is none.</summary>
    public double? Coefficient { get; init; }

    /// <summary>The features that violate their thresholds; empty for a dataset monitor, which does not name them.</summary>
    public IReadOnlyList<DriftedFeature> Features { get; init; } = [];

    /// <summary>The monitor's run; null if the event names none.</summary>
    public string? RunId { get; init; }

    /// <summary>The reference data set: its id, or for a v2 monitor the input of its job. Null for a v2 monitor whose jobs were not read.</summary>
    public string? BaselineDataset { get; init; }

    /// <summary>The data set that drifted: its id, or for a v2 monitor the input of its job. Null for a v2 monitor whose jobs were not read.</summary>
    public string? TargetDataset { get; init; }

    /// <summary>The start of the compared data, as the event writes it; dataset monitors only.</summary>
    public string? StartTime { get; init; }

    /// <summary>The end of the compared data, as the event writes it; dataset monitors only.</summary>
    public string? EndTime { get; init; }

    /// <summary>The drift that an event reports; null if it reports none.</summary>
    public static Drift? Read(WorkflowEvent workflowEvent) => workflowEvent.Type switch
    {
        EventTypes.DatasetDriftDetected => FromDatasetMonitor(workflowEvent.Data),
        EventTypes.RunStatusChanged when JsonText.TryMember(workflowEvent.Data, RunTags, out var tags) && JsonText.Text(tags, BreachTag) is { Length: > 0 } text =>
            FromModelMonitor(workflowEvent.Data, text, workflowEvent.MonitorJob),
        _ => null,
    };

    /// <summary>
    /// The drift in the form that conditions and templates use. A member without a value is absent, but a feature without a threshold has the threshold null.
    /// </summary>
    public JsonElement ToJson()
    {
        var json = new JsonObject { ["monitor"] = Monitor, ["signal"] = Signal, ["text"] = Text };
        Add("coefficient", Coefficient is { } coefficient ? JsonValue.Create(coefficient) : null);
        json["features"] = new JsonArray([.. Features.Select(feature => feature.ToJson())]);
        json["featureNames"] = new JsonArray([.. Features.Select(feature => JsonValue.Create(feature.Name))]);
        Add("runId", RunId);
        Add("baselineDataset", BaselineDataset);
        Add("targetDataset", TargetDataset);
        Add("startTime", StartTime);
        Add("endTime", EndTime);
        return JsonSerializer.SerializeToElement(json, EventsJson.Default.JsonObject);

        void Add(string name, JsonNode? value)
        {
            if (value is not null)
            {
                json[name] = value;
            }
        }
    }

    private static Drift FromDatasetMonitor(JsonElement data)
    {
        var monitor = JsonText.Text(data, "dataDriftName") ?? "";
        double? coefficient = double.TryParse(JsonText.Text(data, "driftCoefficient"), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
        var named = monitor.Length > 0 ? $"The monitor {monitor}" : "The monitor without a name";
        return new Drift
        {
            Monitor = monitor,
            Signal = DataDrift,
            Text = coefficient is null ? $"{named} detected drift." : string.Create(CultureInfo.InvariantCulture, $"{named} detected drift with the coefficient {coefficient}."),
            Coefficient = coefficient,
            RunId = JsonText.Text(data, "runId"),
            BaselineDataset = JsonText.Text(data, "baseDatasetId"),
            TargetDataset = JsonText.Text(data, "targetDatasetId"),
            StartTime = JsonText.Text(data, "startTime"),
            EndTime = JsonText.Text(data, "endTime"),
        };
    }

    private static Drift FromModelMonitor(JsonElement data, string text, MonitorJob? job)
    {
        var features = MonitorBreachParser.FeaturesOf(text);
        var name = MonitorBreachParser.NameOf(text);
        var (monitor, signal) = MonitorBreachParser.Split(name, job?.Monitor is { } named ? [named] : Hints(data));
        var above = features.Where(feature => feature.Threshold is { } threshold && feature.Value > threshold).ToList();
        return new Drift
        {
            // The job names the monitor. The text contains this name only if the name of the signal begins with it.
            Monitor = job?.Monitor ?? monitor,
            Signal = signal,
            Text = MonitorBreachParser.FirstLineOf(text),
            Coefficient = above.Count == 0 ? null : above.Max(feature => feature.Value),
            Features = features,
            RunId = JsonText.Text(data, "runId"),
            BaselineDataset = job?.BaselineDataset,
            TargetDataset = job?.TargetDataset,
        };
    }

    // The text joins the names of monitor and signal. Other mentions of the monitor show where the first name ends.
    private static IEnumerable<string> Hints(JsonElement data) =>
        [JsonText.Text(data, "experimentName") ?? "", .. JsonText.Texts(data, RunTags).Values, .. JsonText.Texts(data, "runProperties").Values];
}

/// <summary>A feature that violates its threshold.</summary>
/// <param name="Name">The feature, or the group of data, that the metric describes.</param>
/// <param name="Metric">The metric, for instance <c>normalized_wasserstein_distance</c>; empty if the text names none.</param>
/// <param name="Value">The value of the metric.</param>
/// <param name="Threshold">The threshold; null if the text contains none.</param>
public sealed record DriftedFeature(string Name, string Metric, double Value, double? Threshold)
{
    internal JsonObject ToJson() => new() { ["name"] = Name, ["metric"] = Metric, ["value"] = Value, ["threshold"] = Threshold };
}
