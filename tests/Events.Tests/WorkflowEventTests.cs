using System.Text.Json;

namespace MLEvents.Events.Tests;

public sealed class WorkflowEventTests
{
    [Fact]
    public void An_envelope_is_read_with_unchanged_data()
    {
        var envelope = Envelope.Parse("""{"specversion":"1.0","id":"1","source":"/ws","type":"t","subject":"s","time":"2026-01-02T03:04:05.1234567Z","data":{"a":1.0,"b":12345678901234567890},"ext":"x"}""");

        Assert.True(WorkflowEvent.TryRead(envelope, out var read, out _));

        Assert.Equal(("1", "/ws", "t", "s"), (read.Id, read.Source, read.Type, read.Subject));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1234567), read.Time);
        Assert.Equal("""{"a":1.0,"b":12345678901234567890}""", read.Data.GetRawText());
        Assert.Equal("x", read.Envelope.GetProperty("ext").GetString());
    }

    [Theory]
    [InlineData("""{"source":"/s","type":"t"}""", "'id'")]
    [InlineData("""{"id":"","source":"/s","type":"t"}""", "'id'")]
    [InlineData("""{"id":7,"source":"/s","type":"t"}""", "'id'")]
    [InlineData("""{"id":"1","type":"t"}""", "'source'")]
    [InlineData("""{"id":"1","source":"/s"}""", "'type'")]
    [InlineData("[]", "object")]
    [InlineData("null", "object")]
    public void An_envelope_without_a_required_attribute_is_refused_and_the_error_names_the_attribute(string json, string expected)
    {
        Assert.False(WorkflowEvent.TryRead(Envelope.Parse(json), out _, out var error));

        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_envelope_without_subject_and_data_and_with_an_unreadable_time_is_valid()
    {
        Assert.True(WorkflowEvent.TryRead(Envelope.Parse("""{"id":"1","source":"/s","type":"t","time":"yesterday"}"""), out var read, out _));

        Assert.Equal("", read.Subject);
        Assert.Null(read.Time);
        Assert.Equal(JsonValueKind.Undefined, read.Data.ValueKind);
    }

    [Fact]
    public void An_event_stays_readable_after_its_document_is_disposed()
    {
        WorkflowEvent? read;
        using (var document = JsonDocument.Parse("""{"id":"1","source":"/s","type":"t","data":{"n":1}}"""))
        {
            Assert.True(WorkflowEvent.TryRead(document.RootElement, out read, out _));
        }

        Assert.Equal(1, read.Data.GetProperty("n").GetInt32());
    }
}
