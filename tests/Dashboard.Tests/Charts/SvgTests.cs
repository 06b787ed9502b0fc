using System.Globalization;
using System.Xml.Linq;

using MLEvents.Dashboard.Chains;
using MLEvents.Dashboard.Charts;

namespace MLEvents.Dashboard.Tests.Charts;

/// <summary>The drawings of chains and of the storm view.</summary>
public sealed class SvgTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 10, "inside", "start")]
    [InlineData(0, 1, "text", "start")]
    [InlineData(9, 10, "text", "end")]
    public void The_text_of_a_bar_never_covers_the_name_of_its_lane(int from, int to, string kind, string anchor)
    {
        var bar = new ChainBar("churn-approved", "", "waiting", Start.AddMinutes(from), Start.AddMinutes(to), "/actions/1", []);

        var drawn = XElement.Parse(ChainSvg.Draw(new("chain", Start, Start.AddMinutes(10), [new("deployer", [bar])]), standalone: true));

        var text = drawn.Descendants().Single(element => element.Name.LocalName == "text" && element.Value.StartsWith("churn-approved", StringComparison.Ordinal));
        Assert.Equal((kind, anchor), (text.Attribute("class")?.Value, text.Attribute("text-anchor")?.Value));
        var x = double.Parse(text.Attribute("x")?.Value ?? "", CultureInfo.InvariantCulture);
        Assert.True((anchor == "end" ? x - (text.Value.Length * 7) : x) >= 110, $"The text begins at {x}.");
    }

    [Theory]
    [InlineData(1, "0,1")]
    [InlineData(2, "0,1,2")]
    [InlineData(7, "0,7")]
    public void Columns_have_grid_lines_only_at_whole_numbers(int count, string lines)
    {
        var chart = new Chart("events", "Events", [Start, Start.AddHours(1)], [new("events", "event", [0, count])], value => value.ToString(CultureInfo.InvariantCulture));

        var labels = XElement.Parse(ChartSvg.Columns(chart)).Descendants()
            .Where(element => element.Attribute("text-anchor")?.Value == "end" && !element.Value.EndsWith("UTC", StringComparison.Ordinal));

        Assert.Equal(lines, string.Join(',', labels.Select(label => label.Value)));
    }
}
