using System.Text.Json;

namespace MLEvents.Events.Tests;

public sealed class EventReadingTests
{
    [Fact]
    public void An_event_of_event_grid_s_schema_becomes_the_envelope_that_the_ingress_publishes()
    {
        var read = Read("""{"id":"1","topic":"/ws","eventType":"t","subject":"s","eventTime":"2026-01-02T03:04:05Z","dataVersion":"2","metadataVersion":"1","data":{ "n":1.0,"bad":"\ud800" }}""");

        Assert.Equal(("1", "/ws", "t", "s"), (read.Id, read.Source, read.Type, read.Subject));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), read.Time);
        Assert.Equal("""{ "n":1.0,"bad":"\ud800" }""", read.Data.GetRawText());
        Assert.Equal(("1.0", "2"), (read.Envelope.GetProperty("specversion").GetString(), read.Envelope.GetProperty("dataversion").GetString()));
    }

    [Fact]
    public void A_cloud_event_is_taken_as_it_is()
    {
        const string Envelope = """{"specversion":"1.0","id":"1","source":"/ws","type":"t","comexample":"x"}""";

        Assert.Equal(Envelope, Read(Envelope).Envelope.GetRawText());
    }

    [Theory]
    [InlineData("{}", "it has neither 'eventType' (Event Grid schema) nor 'specversion' (CloudEvents 1.0)")]
    [InlineData("[]", "a CloudEvents envelope is a JSON object, not Array")]
    [InlineData("""{"id":"1","eventType":"t"}""", "the attribute 'topic' is missing or is not a string")]
    [InlineData("""{"id":"1","topic":"/ws","eventType":""}""", "the attribute 'eventType' is missing or is not a string")]
    [InlineData("""{"specversion":"1.0","id":"1","type":"t"}""", "the attribute 'source' is missing or is not a string")]
    public void What_is_no_event_is_refused_in_the_words_of_its_schema(string json, string expected)
    {
        using var document = JsonDocument.Parse(json);

        Assert.False(EventReading.TryRead(document.RootElement, out _, out var error));
        Assert.Equal(expected, error);
    }

    private static WorkflowEvent Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return EventReading.TryRead(document.RootElement, out var result, out var error) ? result : throw new InvalidOperationException(error);
    }
}
