namespace MLEvents.Events.Tests;

public sealed class CorrelationTests
{
    [Theory]
    [InlineData("""{"runTags":{"mlevents.correlation":"c1"}}""", "c1")]
    [InlineData("""{"RunProperties":{"MLEvents.Correlation":"c1"}}""", "c1")]
    [InlineData("""{"modelTags":{"mlevents.correlation":"c1"}}""", "c1")]
    [InlineData("""{"modelProperties":{"mlevents.correlation":"c1"}}""", "c1")]
    [InlineData("""{"serviceTags":{"mlevents.correlation":"c1"}}""", "c1")]
    [InlineData("""{"serviceTags":{"mlevents.correlation":""}}""", "e1")]
    [InlineData("""{"other":{"mlevents.correlation":"c1"}}""", "e1")]
    [InlineData("""{}""", "e1")]
    public void An_event_joins_the_chain_that_its_tags_name_or_starts_a_new_chain(string data, string expected) =>
        Assert.Equal(expected, Correlation.IdOf(Envelope.Create(data: data)));
}
