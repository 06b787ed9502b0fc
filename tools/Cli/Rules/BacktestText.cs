using System.Globalization;
using System.Text;

using MLEvents.Cli.Rules.Flow;

namespace MLEvents.Cli.Rules;

/// <summary>The result of <c>mlevents rules backtest</c> for people.</summary>
internal static class BacktestText
{
    public static string Write(Backtest backtest, Terminal terminal)
    {
        var text = new StringBuilder();
        var width = backtest.Counts.Select(count => count.Name.Length).Append("rule".Length).Max();
        text.Append(Head("rule".PadRight(width), backtest.Compares));
        foreach (var count in backtest.Counts)
        {
            text.Append('\n').Append(count.Name.PadRight(width)).Append(Number(count.Now));
            if (backtest.Compares)
            {
                text.Append(Number(count.Before)).Append(Change(count.Gained, '+', terminal.Green)).Append(Change(count.Lost, '-', terminal.Red));
            }
        }

        if (backtest.Flow.Counts.Count > 0)
        {
            text.Append("\n\n").Append(FlowText.Write(backtest.Flow));
        }

        Section(text, "unreadable events, left out:", backtest.Errors, backtest.Skipped);
        Section(text, "events that change:", backtest.Examples, backtest.Changed);
        text.Append(CultureInfo.InvariantCulture, $"\n\n{backtest.Events} {(backtest.Events == 1 ? "event" : "events")}");
        return (backtest.Compares ? text.Append(CultureInfo.InvariantCulture, $", {backtest.Changed} changed") : text).ToString();
    }

    private static string Head(string rule, bool compares) => compares ? $"{rule}{"fires",10}{"before",10}{"gained",10}{"lost",10}" : $"{rule}{"fires",10}";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture).PadLeft(10);

    private static string Change(long number, char sign, Func<string, string> paint)
    {
        var text = number == 0 ? "" : $"{sign}{number.ToString(CultureInfo.InvariantCulture)}";
        return new string(' ', Math.Max(0, 10 - text.Length)) + (number == 0 ? text : paint(text));
    }

    private static void Section(StringBuilder text, string head, IReadOnlyList<string> lines, long all)
    {
        if (all == 0)
        {
            return;
        }

        text.Append("\n\n").Append(head);
        foreach (var line in lines)
        {
            text.Append("\n  ").Append(line);
        }

        if (all > lines.Count)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  and {all - lines.Count} more");
        }
    }
}
