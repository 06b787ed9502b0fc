using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace MLEvents.Dashboard.Chains;

/// <summary>Draws a chain as SVG, with lanes from top to bottom and the time from left to right.</summary>
internal static class ChainSvg
{
    private const double Width = 960;
    private const double NameWidth = 110;
    private const double RowHeight = 30;
    private const double AxisHeight = 26;
    private const double MinBarWidth = 4;
    private const double CharacterWidth = 7;
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>Draws a chain.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="standalone">Whether the drawing is a separate file, which must contain its own style sheet.</param>
    public static string Draw(ChainTimeline chain, bool standalone)
    {
        var rows = chain.Lanes.Sum(lane => lane.Bars.Count);
        var height = AxisHeight + (rows * RowHeight);
        var svg = new XElement(
            Svg + "svg",
            new XAttribute("viewBox", $"0 0 {Text(Width)} {Text(height)}"), new XAttribute("width", Text(Width)), new XAttribute("height", Text(height)),
            new XAttribute("class", "chain"), new XAttribute("role", "group"), new XAttribute("aria-labelledby", "chain-title"),
            new XElement(Svg + "title", new XAttribute("id", "chain-title"), Printable($"Chain {chain.CorrelationId}: {rows} events and actions in {Duration(chain.End - chain.Start)}")));
        if (standalone)
        {
            svg.Add(new XElement(Svg + "style", Colors));
        }

        svg.Add(Label(NameWidth, 16, Time(chain.Start), "axis"), Label(Width - 4, 16, $"{Time(chain.End)} UTC, {Duration(chain.End - chain.Start)}", "axis", "end"));
        AddLanes(svg, chain);
        return svg.ToString(SaveOptions.DisableFormatting);
    }

    /// <summary>Formats a duration for people.</summary>
    public static string Duration(TimeSpan duration) => duration switch
    {
        { TotalMilliseconds: < 1000 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:F0} ms"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:F1} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes:F1} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalHours:F1} h"),
    };

    private const string Colors =
        "text{font:13px 'Segoe UI',system-ui,sans-serif;fill:#242424}.axis{fill:#616161}.lane{stroke:#d1d1d1}.event{fill:#0f6cbd}.succeeded{fill:#0e700e}.failed{fill:#b10e1c}.skipped{fill:#707070}.running,.accepted,.waiting{fill:#835b00}.step{stroke:#fff}.inside{fill:#fff}";

    private static void AddLanes(XElement svg, ChainTimeline chain)
    {
        var top = AxisHeight;
        foreach (var lane in chain.Lanes)
        {
            svg.Add(new XElement(Svg + "line", At("x1", 0), At("x2", Width), At("y1", top), At("y2", top), new XAttribute("class", "lane")), Label(4, top + 20, lane.Name, "name"));
            foreach (var bar in lane.Bars)
            {
                svg.Add(Bar(chain, bar, top));
                top += RowHeight;
            }
        }
    }

    private static XElement Bar(ChainTimeline chain, ChainBar bar, double top)
    {
        var (from, to) = (X(chain, bar.Start), X(chain, bar.End));
        var width = Math.Max(MinBarWidth, to - from);
        var isEvent = bar.Status == "event";
        var text = isEvent ? $"{bar.Name} {bar.Detail}" : $"{bar.Name}, {bar.Status}, {Duration(bar.Duration)}";
        var link = new XElement(
            Svg + "a", new XAttribute("href", bar.Address),
            new XElement(Svg + "title", Printable(isEvent || bar.Detail.Length == 0 ? text : $"{text}: {bar.Detail}")),
            new XElement(Svg + "rect", At("x", from), At("y", top + 7), At("width", width), At("height", RowHeight - 14), At("rx", 3), new XAttribute("class", bar.Status)));
        link.Add(bar.Steps.Skip(1).Select(step => new XElement(
            Svg + "line", At("x1", X(chain, step.Time)), At("x2", X(chain, step.Time)), At("y1", top + 7), At("y2", top + RowHeight - 7), new XAttribute("class", "step"),
            new XElement(Svg + "title", Printable($"{step.Name}, attempt {step.Attempt.ToString(CultureInfo.InvariantCulture)}")))));
        link.Add(BarLabel(from, width, top + 20, text));
        return link;
    }

    // The text is at the right of its bar if there is room, otherwise at the left, otherwise inside the bar. It must not cover the name of the lane.
    private static XElement BarLabel(double from, double width, double y, string text)
    {
        var length = text.Length * CharacterWidth;
        return from + width + 6 + length < Width ? Label(from + width + 6, y, text, "text")
            : from - 6 - length >= NameWidth ? Label(from - 6, y, text, "text", "end")
            : Label(from + 6, y, text, "inside");
    }

    private static double X(ChainTimeline chain, DateTimeOffset time)
    {
        var all = (chain.End - chain.Start).TotalMilliseconds;
        return NameWidth + (all <= 0 ? 0 : (Width - NameWidth - MinBarWidth) * Math.Clamp((time - chain.Start).TotalMilliseconds / all, 0, 1));
    }

    private static XElement Label(double x, double y, string text, string kind, string anchor = "start") =>
        new(Svg + "text", At("x", x), At("y", y), new XAttribute("class", kind), new XAttribute("text-anchor", anchor), Printable(text));

    private static XAttribute At(string name, double value) => new(name, Text(value));

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    // Replaces the characters that XML does not allow: most control characters, U+FFFE, U+FFFF and surrogates without their pair.
    // EnumerateRunes replaces the surrogates.
    private static string Printable(string text) =>
        string.Concat(text.EnumerateRunes().Select(rune => rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? Rune.ReplacementChar : rune));
}
