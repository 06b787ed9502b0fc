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
    [InlineData("event", "models/churn:3", "churn-approved models/churn:3")]
    [InlineData("waiting", "waits for the endpoint", "churn-approved, waiting, 0 ms: waits for the endpoint")]
    [InlineData("waiting", "", "churn-approved, waiting, 0 ms")]
    public void The_tooltip_of_a_bar_contains_its_detail_once(string status, string detail, string tooltip) => Assert.Equal(tooltip, TooltipOf(status, detail));

    [Theory]
    [InlineData("\uD83D\uDE80")]
    [InlineData("a\tb\nc")]
    public void Characters_that_XML_allows_are_drawn(string detail) => Assert.Equal($"churn-approved {detail}", TooltipOf("event", detail));

    [Theory]
    [InlineData(0x01)]
    [InlineData(0xD83D)]
    [InlineData(0xFFFE)]
    public void Characters_that_XML_does_not_allow_are_replaced(int character) => Assert.Equal("churn-approved a\uFFFDb", TooltipOf("event", $"a{(char)character}b"));

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

    private static string TooltipOf(string status, string detail)
    {
        var bar = new ChainBar("churn-approved", detail, status, Start, Start, "/actions/1", []);

        var drawn = XElement.Parse(ChainSvg.Draw(new("chain", Start, Start.AddMinutes(10), [new("deployer", [bar])]), standalone: true));

        return drawn.Descendants().Single(element => element.Name.LocalName == "title" && element.Parent?.Name.LocalName == "a").Value;
    }
}
