using MLEvents.Rules.Plans;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Tests.Templates;

/// <summary>Tests the filters that differ from the filters of the template library Fluid, and the check of filter arguments.</summary>
public sealed class FilterTests
{
    [Theory]
    [InlineData("{{ '2022-12-13T23:02:18.39-05:00' | date: '%Y-%m-%d %H:%M %z' }}", "2022-12-14 04:02 +0000")]
    [InlineData("{{ time | date: '%Y-%m-%dT%H:%M:%S', 'Asia/Dubai' }}", "2026-03-04T09:06:07")]
    [InlineData("{{ '2026-07-01T00:00:00Z' | date: '%H:%M %z', 'Europe/Berlin' }}", "02:00 +0200")]
    [InlineData("{{ 1670965338 | date: '%Y-%m-%d %H' }}", "2022-12-13 21")]
    public void A_date_is_in_utc_or_in_the_named_time_zone(string template, string expected) =>
        Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{{ 'churn' | resource_name: 32 }}", "churn")]
    [InlineData("{{ 'My_Model.v2' | resource_name: 32 }}", "My-Model-v2-1e445eeb")]
    [InlineData("{{ 'My_Model.v2' | resource_name }}", "My-Model-v2-1e445eeb")]
    public void A_resource_name_is_stable(string template, string expected) =>
        Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("My_Model.v2")]
    [InlineData("my-model-v2-")]
    [InlineData("2fast")]
    [InlineData("a")]
    [InlineData("")]
    [InlineData("模型")]
    [InlineData("a-very-long-endpoint-name-of-over-32-characters")]
    public void Any_text_makes_a_valid_endpoint_name(string text)
    {
        var name = ResourceName.Create(text, 32);

        Assert.True(RolloutTarget.IsEndpointName(name), name);
        Assert.NotEqual(name, ResourceName.Create(text + "_", 32));
    }

    [Fact]
    public void Line_breaks_become_html_and_the_rest_stays_encoded() =>
        Assert.Equal("a &lt;b&gt;<br>\nc", Template.Parse("{{ data.text | newline_to_br }}", TemplateTarget.Html).Render(TemplateModel.For(TestData.Event("""{"text":"a <b>\r\nc"}"""))));

    [Theory]
    [InlineData("{{ time | date }}", "the filter 'date' takes 1 to 2 arguments, not 0")]
    [InlineData("{{ time | date: '%H', 'Asia/Dubai', 'x' }}", "the filter 'date' takes 1 to 2 arguments, not 3")]
    [InlineData("{{ time | date: '%H', 'Asia/Duba' }}", "unknown time zone 'Asia/Duba'; write an IANA name such as 'Asia/Dubai'")]
    [InlineData("{{ id | upcase: 'x' }}", "the filter 'upcase' takes no arguments, not 1")]
    [InlineData("{{ id | append }}", "the filter 'append' takes 1 argument, not 0")]
    [InlineData("{{ id | resource_name: 8 }}", "the length of 'resource_name' must be a number from 16 to 63, not '8'")]
    [InlineData("{{ id | resource_name: 'x' }}", "the length of 'resource_name' must be a number from 16 to 63, not 'x'")]
    public void Arguments_are_checked_when_a_template_is_parsed(string template, string expected) =>
        Assert.Equal(expected, Assert.Throws<TemplateException>(() => Template.Parse(template, TemplateTarget.Text)).Message);

    [Fact]
    public void An_unknown_zone_from_the_event_fails_the_template() =>
        Assert.Contains("unknown time zone 'event-1'", Assert.Throws<TemplateException>(() => Render("{{ time | date: '%H', id }}")).Message, StringComparison.Ordinal);

    private static string Render(string template) => Template.Parse(template, TemplateTarget.Text).Render(TemplateModel.For(TestData.Event()));
}
