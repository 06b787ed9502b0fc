using System.Globalization;
using System.Text;

namespace MLEvents.Cli.Rules.Flow;

/// <summary>The result of a <see cref="FlowSimulation"/> for people.</summary>
internal static class FlowText
{
    private static readonly (string Head, Func<FlowCount, string> Value)[] Columns =
    [
        ("starts", count => Number(count.Starts)),
        ("waited", count => Number(count.Waited)),
        ("longest wait", count => count.LongestWait == TimeSpan.Zero ? "-" : Span(count.LongestWait)),
        ("skipped", count => Number(count.Skipped)),
        ("coalesced", count => Number(count.Coalesced)),
        ("repeats", count => Number(count.Repeats)),
        ("digest", count => Number(count.Digested)),
    ];

    public static string Write(FlowSimulation flow)
    {
        var text = new StringBuilder();
        var width = flow.Counts.Select(count => count.Name.Length).Append("rule".Length).Max();
        text.Append(CultureInfo.InvariantCulture, $"with 'once', limits and throttles, if a run takes {Span(flow.AssumedDuration)}:\n");
        text.Append("rule".PadRight(width)).Append(string.Concat(Columns.Select(column => Right(column.Head, column.Head))));
        foreach (var count in flow.Counts)
        {
            text.Append('\n').Append(count.Name.PadRight(width)).Append(string.Concat(Columns.Select(column => Right(column.Head, column.Value(count)))));
            if (count.Skipped > 0)
            {
                text.Append("\n  skipped by ").Append(string.Join(", ", count.SkippedBy.Select(skipped => $"{skipped.Key.ToString().ToLowerInvariant()} {Number(skipped.Value)}")));
            }

            if (count.Faults > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n  {count.Faults} {(count.Faults == 1 ? "action" : "actions")} would fail: the key of a limit cannot be rendered for the event");
            }
        }

        return text.ToString();
    }

    private static string Right(string head, string value) => value.PadLeft(Math.Max(head.Length, 8) + 2);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Span(TimeSpan span)
    {
        (double Value, string Unit)[] parts = [(Math.Floor(span.TotalDays), "d"), (span.Hours, "h"), (span.Minutes, "m"), (span.Days == 0 && span.Hours == 0 ? span.Seconds : 0, "s")];
        var written = string.Concat(parts.Where(part => part.Value > 0).Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Value}{part.Unit}")));
        return written.Length == 0 ? "0s" : written;
    }
}
