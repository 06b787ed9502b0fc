using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MLEvents.Events;

/// <summary>Reads the text that a v2 model monitor writes about a breach: the name of the signal, and a Python list of JSON texts, one for each feature.</summary>
internal static partial class MonitorBreachParser
{
    private const int MaxFeatures = 100;

    /// <summary>The first line that is not empty.</summary>
    public static string FirstLineOf(string text) => text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).FirstOrDefault("");

    /// <summary>The name of the signal as the text writes it, by convention <c>monitor_signal</c>; empty if the text names none.</summary>
    public static string NameOf(string text) => Named().Match(text).Groups["name"].Value;

    /// <summary>The monitor and the signal in a name. If the two cannot be separated, each of them is the whole name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="hints">Texts that may be the name of the monitor.</param>
    public static (string Monitor, string Signal) Split(string name, IEnumerable<string> hints)
    {
        var monitor = hints.Where(hint => hint.Length > 0 && name.Length > hint.Length + 1 && name.StartsWith(hint + "_", StringComparison.OrdinalIgnoreCase)).MaxBy(hint => hint.Length);
        return monitor is null ? (name, name) : (name[..monitor.Length], name[(monitor.Length + 1)..]);
    }

    /// <summary>The features, 100 at most. The list may be truncated, because the length of a tag is limited; an incomplete feature is left out.</summary>
    public static IReadOnlyList<DriftedFeature> FeaturesOf(string text)
    {
        var start = text.IndexOf('[', StringComparison.Ordinal);
        return start < 0 ? [] : [.. Items(text[(start + 1)..]).Select(ToFeature).OfType<DriftedFeature>().Take(MaxFeatures)];
    }

    private static IEnumerable<string> Items(string list)
    {
        for (var at = 0; at < list.Length && list[at] is not ']';)
        {
            if (list[at] is not ('\'' or '"'))
            {
                at++;
                continue;
            }

            if (Item(list, ref at) is not { } item)
            {
                yield break;
            }

            yield return item;
        }
    }

    // Reads a string in the notation of Python's repr: in single or double quotes.
    // A backslash precedes a quote, a backslash, or n, t and r for a line feed, a tab and a return.
    private static string? Item(string list, ref int at)
    {
        var (quote, item) = (list[at++], new StringBuilder());
        for (; at < list.Length; at++)
        {
            if (list[at] == quote)
            {
                at++;
                return item.ToString();
            }

            if (list[at] == '\\' && at + 1 < list.Length)
            {
                at++;
                item.Append(list[at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
            }
            else
            {
                item.Append(list[at]);
            }
        }

        return null;
    }

    private static DriftedFeature? ToFeature(string item)
    {
        try
        {
            using var json = JsonDocument.Parse(item);
            return JsonText.Text(json.RootElement, "group") is { Length: > 0 } name && Number(json.RootElement, "metric_value") is { } value
                ? new DriftedFeature(name, JsonText.Text(json.RootElement, "metric_name") ?? "", value, Number(json.RootElement, "threshold_value"))
                : null;
        }
        catch (JsonException)
        {
            // Some versions of the components do not write JSON. The text itself is still available.
            return null;
        }
    }

    private static double? Number(JsonElement json, string name) =>
        JsonText.TryMember(json, name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;

    [GeneratedRegex(@"\bsignal\s+(?:'(?<name>[^']+)'|""(?<name>[^""]+)""|(?<name>\S+))\s+has\s+failed", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Named();
}
