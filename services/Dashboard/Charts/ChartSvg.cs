using System.Globalization;
using System.Xml.Linq;

namespace MLEvents.Dashboard.Charts;

/// <summary>Draws a chart as SVG. The page also shows the numbers in a table.</summary>
internal static class ChartSvg
{
    private const double Width = 720;
    private const double Height = 200;
    private const double Left = 64;
    private const double Top = 8;
    private const double Bottom = 24;
    private const double Gap = 2;
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>Draws stacked columns.</summary>
    public static string Columns(Chart chart)
    {
        var highest = Enumerable.Range(0, chart.Buckets.Count).Select(bucket => chart.Series.Sum(series => series.Values[bucket])).DefaultIfEmpty(0).Max();

        // The columns show counts. A grid line at half of an odd count would have a fraction as its label, and a count has no fraction.
        var svg = Frame(chart, highest, highest % 2 == 0 ? [0, 0.5, 1] : [0, 1]);
        for (var bucket = 0; bucket < chart.Buckets.Count; bucket++)
        {
            svg.Add(Column(chart, bucket, highest));
        }

        return svg.ToString(SaveOptions.DisableFormatting);
    }

    /// <summary>Draws a line for each series. A bucket with the value 0 has no point.</summary>
    public static string Lines(Chart chart)
    {
        var highest = chart.Series.SelectMany(series => series.Values).DefaultIfEmpty(0).Max();
        var svg = Frame(chart, highest, [0, 0.5, 1]);
        foreach (var series in chart.Series)
        {
            var points = series.Values.Select((value, bucket) => (value, bucket)).Where(point => point.value > 0).Select(point => (X: Middle(chart, point.bucket), Y: Y(point.value, highest))).ToList();
            svg.Add(new XElement(Svg + "polyline", new XAttribute("points", string.Join(' ', points.Select(point => $"{Text(point.X)},{Text(point.Y)}"))), new XAttribute("class", $"line {series.Style}")));
            svg.Add(points.Select(point => new XElement(Svg + "circle", At("cx", point.X), At("cy", point.Y), At("r", 3), new XAttribute("class", series.Style))));
        }

        return svg.ToString(SaveOptions.DisableFormatting);
    }

    private static XElement Frame(Chart chart, double highest, double[] gridLines)
    {
        var svg = new XElement(
            Svg + "svg",
            new XAttribute("viewBox", $"0 0 {Text(Width)} {Text(Height)}"), new XAttribute("class", "chart"), new XAttribute("role", "img"), new XAttribute("aria-labelledby", $"{chart.Id}-title"),
            new XElement(Svg + "title", new XAttribute("id", $"{chart.Id}-title"), $"{chart.Title}; highest {chart.Format(highest)}. The numbers are in the table below."));
        foreach (var share in gridLines)
        {
            var y = Y(highest * share, highest);
            svg.Add(new XElement(Svg + "line", At("x1", Left), At("x2", Width), At("y1", y), At("y2", y), new XAttribute("class", "grid")), Label(Left - 6, y + 4, chart.Format(highest * share), "end"));
        }

        if (chart.Buckets is [var first, .., var last])
        {
            svg.Add(Label(Left, Height - 6, Time(first), "start"), Label(Width, Height - 6, $"{Time(last)} UTC", "end"));
        }

        return svg;
    }

    private static IEnumerable<XElement> Column(Chart chart, int bucket, double highest)
    {
        var below = 0.0;
        foreach (var series in chart.Series.Where(series => series.Values[bucket] > 0))
        {
            var (bottom, top) = (Y(below, highest), Y(below + series.Values[bucket], highest));
            below += series.Values[bucket];
            yield return new XElement(
                Svg + "rect", At("x", Middle(chart, bucket) - (Step(chart) / 2) + Gap), At("width", Math.Max(1, Step(chart) - (2 * Gap))), At("y", top), At("height", Math.Max(1, bottom - top)), new XAttribute("class", series.Style),
                new XElement(Svg + "title", $"{Time(chart.Buckets[bucket])} UTC {series.Name}: {chart.Format(series.Values[bucket])}"));
        }
    }

    private static double Step(Chart chart) => (Width - Left) / Math.Max(1, chart.Buckets.Count);

    private static double Middle(Chart chart, int bucket) => Left + ((bucket + 0.5) * Step(chart));

    private static double Y(double value, double highest) => Top + ((Height - Top - Bottom) * (1 - (highest <= 0 ? 0 : value / highest)));

    private static XElement Label(double x, double y, string text, string anchor) => new(Svg + "text", At("x", x), At("y", y), new XAttribute("class", "axis"), new XAttribute("text-anchor", anchor), text);

    private static XAttribute At(string name, double value) => new(name, Text(value));

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("MM-dd HH:mm", CultureInfo.InvariantCulture);
}
