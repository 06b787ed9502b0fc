using System.Globalization;

namespace MLEvents.Local.Sidecar.Resiliency;

/// <summary>A list of statuses such as <c>429,500-599</c>.</summary>
internal sealed class StatusMatch
{
    private readonly List<(int First, int Last)> _ranges;

    private StatusMatch(List<(int First, int Last)> ranges) => _ranges = ranges;

    public bool Includes(int status) => _ranges.Exists(range => range.First <= status && status <= range.Last);

    /// <summary>Reads a list. Returns null if the text is not a list.</summary>
    public static StatusMatch? TryParse(string text)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = item.Split('-', StringSplitOptions.TrimEntries);
            if (ends.Length > 2 || !TryRead(ends[0], out var first) || !TryRead(ends[^1], out var last) || last < first)
            {
                return null;
            }

            ranges.Add((first, last));
        }

        return ranges.Count == 0 ? null : new StatusMatch(ranges);
    }

    private static bool TryRead(string text, out int status) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out status) && status is >= 100 and <= 599;
}
