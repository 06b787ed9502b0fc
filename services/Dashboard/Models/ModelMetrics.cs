using System.Globalization;
using System.Text.Json;

using MLEvents.Events;

namespace MLEvents.Dashboard.Models;

/// <summary>Reads the metrics of a model from events: the numbers in the tags and properties of the model and of its training run.</summary>
internal static class ModelMetrics
{
    private static readonly string[] Members = ["runProperties", "runTags", "modelProperties", "modelTags"];

    // This system and Azure ML set values with these prefixes. They are not metrics of the model.
    private static readonly string[] Reserved = ["mlevents.", "azureml.", "_azureml."];

    /// <summary>Reads the metrics from the data of events. The value of a later event replaces the value of an earlier one.</summary>
    public static IReadOnlyDictionary<string, double> Read(IEnumerable<JsonElement> events)
    {
        var metrics = new SortedDictionary<string, double>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, text) in from data in events from member in Members from item in JsonText.Texts(data, member) select item)
        {
            if (!Reserved.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value))
            {
                metrics[name] = value;
            }
        }

        return metrics;
    }
}
