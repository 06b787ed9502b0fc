namespace MLEvents.Events.Tests;

public sealed class JsonTextTests
{
    [Theory]
    [InlineData("""{"ModelVersion":20}""", "20")]
    [InlineData("""{"modelVersion":"3"}""", "3")]
    [InlineData("""{"modelVersion":true}""", "true")]
    [InlineData("""{"modelVersion":null}""", null)]
    [InlineData("""{"modelVersion":{}}""", null)]
    [InlineData("""{}""", null)]
    [InlineData("""[]""", null)]
    public void Text_is_found_ignoring_case_and_numbers_become_text(string data, string? expected) =>
        Assert.Equal(expected, JsonText.Text(Envelope.Parse(data), "modelVersion"));

    [Fact]
    public void An_exact_name_takes_precedence_over_a_name_that_differs_in_case() =>
        Assert.Equal("exact", JsonText.Text(Envelope.Parse("""{"RUNID":"other","runId":"exact"}"""), "runId"));

    [Fact]
    public void Tags_keep_their_names_and_are_found_ignoring_case()
    {
        var tags = JsonText.Texts(Envelope.Parse("""{"ModelTags":{"Stage":"production","n":1,"nested":{}}}"""), "modelTags");

        Assert.Equal("production", tags["stage"]);
        Assert.Equal(["Stage", "n"], tags.Keys);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"modelTags":null}""")]
    [InlineData("""{"modelTags":"x"}""")]
    public void Missing_or_invalid_tags_are_read_as_empty(string data) =>
        Assert.Empty(JsonText.Texts(Envelope.Parse(data), "modelTags"));

    [Theory]
    [InlineData("""{"ModelTags":{"Stage":"production","n":1,"nested":{}}}""", "stage")]
    [InlineData("""{"ModelTags":{"Stage":"production","n":1,"nested":{}}}""", "n")]
    [InlineData("""{"ModelTags":{"Stage":"production","n":1,"nested":{}}}""", "nested")]
    [InlineData("""{"modelTags":{"stage":"first","STAGE":"last"}}""", "stage")]
    [InlineData("""{"modelTags":{"stage":"first","STAGE":null}}""", "stage")]
    [InlineData("""{"modelTags":{"st\u0061ge":"escaped"}}""", "stage")]
    [InlineData("""{"modelTags":{"stage":"\ud800"}}""", "stage")]
    [InlineData("""{"modelTags":{"other":"x"}}""", "stage")]
    [InlineData("""{"modelTags":"stage"}""", "stage")]
    [InlineData("""{"modelTags":null}""", "stage")]
    [InlineData("""{}""", "stage")]
    [InlineData("""[]""", "stage")]
    public void Reading_one_tag_gives_the_same_value_as_a_look_up_in_all_tags(string data, string tag) =>
        Assert.Equal(JsonText.Texts(Envelope.Parse(data), "modelTags").GetValueOrDefault(tag), JsonText.TextOf(Envelope.Parse(data), "modelTags", tag));
}
