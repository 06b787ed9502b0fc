using System.Globalization;
using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>The properties <c>simulator.…</c> of a model version, which determine how its deployments answer.</summary>
internal static class BehaviorProperties
{
    /// <summary>The text with which the names of the properties begin.</summary>
    public const string Prefix = "simulator.";

    /// <summary>The text that follows <see cref="Prefix"/> in the names of the properties that fix a metric.</summary>
    public const string Metrics = "metrics.";

    /// <summary>Rejects a model version with an invalid value.</summary>
    /// <param name="version">The properties of the version.</param>
    /// <exception cref="ArmRefusal">A value is invalid.</exception>
    public static void Require(JsonObject version)
    {
        foreach (var (name, value) in version.Map("properties").Where(property => property.Key.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            if (FindExpected(name[Prefix.Length..], value.Text()) is { } expected)
            {
                throw ArmRefusal.UserError($"The property '{name}' of the model is {value?.ToJsonString() ?? "null"}; expected {expected}, as a string.", "properties.properties." + name);
            }
        }
    }

    /// <summary>Parses a finite number.</summary>
    public static bool TryNumber(string? text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    /// <summary>Returns what the value must be if it is invalid; null if the value is valid or the simulator does not read the property.</summary>
    private static string? FindExpected(string name, string? text) => name switch
    {
        "latency" => Durations.TryParse(text, out _) ? null : "a duration such as 500ms or 2s",
        "failureRate" => TryNumber(text, out var rate) && rate is >= 0 and <= 1 ? null : "a number from 0 to 1",
        "failureStatus" => IsInteger(text, 400, 599) ? null : "an integer from 400 to 599",
        "fromTraffic" => IsInteger(text, 0, 100) ? null : "an integer from 0 to 100",
        "noMetrics" => text is "true" or "false" ? null : "true or false",
        _ when name.StartsWith(Metrics, StringComparison.Ordinal) => TryNumber(text, out _) ? null : "a number",
        _ => null,
    };

    private static bool IsInteger(string? text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most;
}
