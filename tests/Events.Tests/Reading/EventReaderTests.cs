using System.Text;
using System.Text.Json;

using MLEvents.Events.Reading;
using MLEvents.Tests.Common;

namespace MLEvents.Events.Tests.Reading;

public sealed class EventReaderTests
{
    [Fact]
    public void An_Event_Grid_event_becomes_a_CloudEvents_envelope()
    {
        var read = Read("""{"id":"1","topic":"/ws","eventType":"t","subject":"s","eventTime":"2026-01-02T03:04:05Z","dataVersion":"2","metadataVersion":"1","data":{ "n":1.0,"esc":"\u0022é" }}""");

        Assert.Equal(("1", "/ws", "t", "s"), (read.Id, read.Source, read.Type, read.Subject));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), read.Time);
        Assert.Equal("""{ "n":1.0,"esc":"\u0022é" }""", read.Data.GetRawText());
        Assert.Equal(("1.0", "2"), (read.Envelope.GetProperty("specversion").GetString(), read.Envelope.GetProperty("dataversion").GetString()));
    }

    [Fact]
    public void A_CloudEvent_keeps_its_members()
    {
        const string Envelope = """{"specversion":"1.0","id":"1","source":"https://example.com/a b","type":"t","comexample":"x","data":null}""";

        Assert.Equal(Envelope, Read(Envelope).Envelope.GetRawText());
    }

    [Theory]
    [InlineData("\"myext\":true,\"other\":-7")]
    [InlineData("\"myext\":2147483647,\"other\":\"no control: é\"")]
    [InlineData("\"dataschema\":\"https://example.com/schema.json\"")]
    [InlineData("\"dataschema\":\"urn:example:schema\"")]
    [InlineData("\"dataschema\":\"#\"")]
    public void Attributes_of_every_type_and_the_data_schema_of_Event_Grid_are_kept(string attributes)
    {
        var envelope = $$"""{"specversion":"1.0","id":"1","source":"/ws","type":"t",{{attributes}}}""";

        Assert.Equal(envelope, Read(envelope).Envelope.GetRawText());
    }

    [Theory]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/ws","type":"t","subject":null,"myext":null}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/ws","type":"t","subject":""}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/ws","type":"t","traceparent":"\u0000","tracestate":"x=y"}""")]
    public void Unset_attributes_and_trace_contexts_that_cannot_be_parsed_are_left_out(string json) =>
        Assert.Equal("""{"specversion":"1.0","id":"1","source":"/ws","type":"t"}""", Read(json).Envelope.GetRawText());

    [Theory]
    [InlineData("topic")]
    [InlineData("pubsubname")]
    [InlineData("traceid")]
    [InlineData("expiration")]
    [InlineData("mleventsforce")]
    public void A_reserved_attribute_is_kept_under_another_name(string name)
    {
        var envelope = Read($$"""{"specversion":"1.0","id":"1","source":"/ws","type":"t","{{name}}":"2020-01-01T00:00:00Z"}""").Envelope;

        Assert.False(envelope.TryGetProperty(name, out _));
        Assert.Equal("2020-01-01T00:00:00Z", envelope.GetProperty("sender" + name).GetString());
        Assert.Contains($"the attribute '{name}' is reserved", Error($$"""{"specversion":"1.0","id":"1","source":"/ws","type":"t","{{name}}":"a","sender{{name}}":"b"}"""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "it has neither 'eventType' (Event Grid schema) nor 'specversion' (CloudEvents 1.0)")]
    [InlineData("[]", "it is a JSON Array, not an object")]
    [InlineData("""{"id":"1","eventType":"t"}""", "'topic' is missing or empty")]
    [InlineData("""{"id":"1","topic":"/ws","eventType":""}""", "'eventType' is missing or empty")]
    [InlineData("""{"id":7,"topic":"/ws","eventType":"t"}""", "'id' is a JSON Number, not a string")]
    [InlineData("""{"id":"1","topic":"/ws","eventType":"t","subject":7}""", "'subject' is a JSON Number, not a string")]
    [InlineData("""{"id":"1","topic":"http://[","eventType":"t"}""", "'topic' is not a URI reference")]
    [InlineData("""{"id":"a\nb","topic":"/ws","eventType":"t"}""", "'id' holds a control character")]
    [InlineData("""{"id":"1","topic":"/ws\r\nx","eventType":"t"}""", "'topic' holds a control character")]
    [InlineData("""{"id":"1","topic":"/ws","eventType":"t\u0000"}""", "'eventType' holds a control character")]
    [InlineData("""{"id":"1","topic":"/ws","eventType":"t","eventTime":"some invalid time"}""", "'eventTime' is 'some invalid time', which is not an RFC 3339 time; an example is 2026-03-04T05:06:07Z")]
    [InlineData("""{"id":"1","topic":"/ws","eventType":"t","data":"\ud800"}""", "it holds half a surrogate pair, which is not valid Unicode")]
    [InlineData("""{"specversion":"1.0","id":"1","type":"t"}""", "'source' is missing or empty")]
    [InlineData("""{"specversion":"0.3","id":"1","source":"/s","type":"t"}""", "'specversion' is '0.3'; the supported version is 1.0")]
    [InlineData("""{"specversion":"","id":"1","source":"/s","type":"t"}""", "'specversion' is missing or empty; the supported version is 1.0")]
    [InlineData("""{"specversion":null,"id":"1","source":"/s","type":"t"}""", "'specversion' is missing or empty; the supported version is 1.0")]
    [InlineData("""{"specversion":1.0,"id":"1","source":"/s","type":"t"}""", "'specversion' is a JSON Number, not a string")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"2026-02-30T00:00:00Z"}""", "'time' is '2026-02-30T00:00:00Z', which is not an RFC 3339 time; an example is 2026-03-04T05:06:07Z")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","my_Ext":"x"}""", "the attribute name 'my_Ext' contains characters other than a-z and 0-9")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","":"x"}""", "the name of an attribute is empty")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data":1,"data_base64":"AA=="}""", "it has both 'data' and 'data_base64'")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"*"}""", "'data_base64' is not a string in base64")]
    [InlineData("""{"id":"1","topic":"/ws","eventType":"t","subject":"a\nb"}""", "'subject' holds a control character")]
    [InlineData("""{"id":"1","topic":"/ws","eventType":"t","dataVersion":{}}""", "'dataVersion' is a JSON Object, not a string, a boolean or an integer of 32 bits")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"a\u0085b"}""", "'subject' holds a control character")]
    [InlineData("{\"id\":\"1\",\"topic\":\"/ws\",\"eventType\":\"t\",\"subject\":\"a\u0085b\"}", "'subject' holds a control character")]
    [InlineData("{\"id\":\"1\",\"topic\":\"/ws\",\"eventType\":\"t\",\"subject\":\"a\u007Fb\"}", "'subject' holds a control character")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","myext":"a\u0007b"}""", "'myext' holds a control character")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","topic":"a\u0007b"}""", "'sendertopic' holds a control character")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","myext":{"a":1}}""", "'myext' is a JSON Object, not a string, a boolean or an integer of 32 bits")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","myext":["a"]}""", "'myext' is a JSON Array, not a string, a boolean or an integer of 32 bits")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","myext":1.5}""", "'myext' is '1.5', not a string, a boolean or an integer of 32 bits")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","myext":2147483648}""", "'myext' is '2147483648', not a string, a boolean or an integer of 32 bits")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","dataschema":"schemas/x"}""", "'dataschema' is 'schemas/x', which is not an absolute URI")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","dataschema":"/schemas/x"}""", "'dataschema' is '/schemas/x', which is not an absolute URI")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","dataschema":""}""", "'dataschema' is '', which is not an absolute URI")]
    public void An_invalid_event_is_refused_with_the_member_names_of_its_schema(string json, string expected) => Assert.Equal(expected, Error(json));

    [Fact]
    public void An_event_with_invalid_UTF_8_is_unreadable_but_keeps_its_bytes_and_the_other_events_are_read()
    {
        byte[] bad = [.. "{\"id\":\"bad"u8, 0xFF, .. "\",\"topic\":\"/ws\",\"eventType\":\"t\"}"u8];
        byte[] badData = [.. "{\"id\":\"2\",\"topic\":\"/ws\",\"eventType\":\"t\",\"data\":{\"caf"u8, 0xE9, .. "\":1}}"u8];

        var batch = EventReader.Read((byte[])[.. "["u8, .. bad, .. ",{\"id\":\"good\",\"topic\":\"/ws\",\"eventType\":\"t\"},"u8, .. badData, .. "]"u8]);

        Assert.Equal("good", Assert.Single(batch.Events).Id);
        Assert.Equal([bad, badData], batch.Unreadable.Select(part => part.Raw.ToArray()));
        Assert.All(batch.Unreadable, part => Assert.EndsWith("not valid UTF-8", part.Reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""[{"id":"1","topic":"/ws","eventType":"t","data":{"n":[1,{"m":2}]}}, 1, "text", true, false, null, [ 1, [2] ], {}, {"specversion":"1.0","id":"2","source":"/s","type":"t"}]""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t"}""")]
    [InlineData("""[{"id":"\ud800","topic":"/ws","eventType":"t"}]""")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("1")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("[1")]
    [InlineData("[1,]")]
    [InlineData("[1]]")]
    [InlineData("[{\"id\":]")]
    [InlineData("{} {}")]
    [InlineData("{\"id\":1")]
    public void A_large_body_gives_the_same_result_as_a_small_one(string json)
    {
        var padding = new string(' ', 128 * 1024);

        Assert.Equal(Describe(json + " "), Describe(json + padding));
    }

    [Theory]
    [InlineData(512)]
    [InlineData(513)]
    public void A_large_body_has_the_same_nesting_limit_as_a_small_one(int levels)
    {
        var json = $$"""[{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{{new string('[', levels - 2)}}{{new string(']', levels - 2)}}}]""";

        Assert.Equal(Describe(json), Describe(json + new string(' ', 128 * 1024)));
    }

    // Everything that a caller sees: the events and the unreadable elements, or the error. The position of the error is left out, because it depends on how far the reader looked.
    private static string Describe(string json)
    {
        try
        {
            var batch = EventReader.Read(Encoding.UTF8.GetBytes(json), envelope => envelope.Id == "2" ? "refused" : null);
            return string.Join('\n', batch.Events.Select(read => Encoding.UTF8.GetString(read.Json.Span)).Concat(batch.Unreadable.Select(part => $"{part.Reason}: {Encoding.UTF8.GetString(part.Raw.Span)}")));
        }
        catch (Exception exception) when (exception is JsonException or NotAnEventBatchException)
        {
            return $"{(exception is JsonException ? "JSON" : "batch")}: {exception.Message.Split(" LineNumber")[0]}";
        }
    }

    [Fact]
    public void Many_unreadable_events_share_a_part_that_can_be_read_again()
    {
        var body = Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Range(0, 1000))}]");

        var parts = EventReader.Read(body).Unreadable;

        Assert.Equal(UnreadableElements.MaxSingle + 1, parts.Count);
        Assert.Equal("16", Encoding.UTF8.GetString(parts[^1].Raw.Span[1..3]));
        Assert.StartsWith("984 further events of the request are kept together; the error of the first one: event 16 of the request", parts[^1].Reason, StringComparison.Ordinal);
        Assert.Equal(984, JsonDocument.Parse(parts[^1].Raw).RootElement.GetArrayLength());
    }

    [Fact]
    public void An_error_never_repeats_a_long_text_or_control_characters()
    {
        var error = Error($$"""{"specversion":"{{new string('x', 600_000)}}\n","id":"1","source":"/s","type":"t"}""");

        Assert.True(error.Length < 300, error);
        Assert.DoesNotContain('\n', Error("""{"specversion":"a\nb","id":"1","source":"/s","type":"t"}"""));
    }

    [Fact]
    public void The_official_samples_are_read()
    {
        Assert.SkipWhen(Repository.Reference is null, "The reference folder (environment variable MLEVENTS_REFERENCE, default ../shared/reference) does not exist, so the official samples are not read.");
        string[] files = [.. ((string[])["captured", "cloudevents", "eventgrid"]).SelectMany(folder => Directory.GetFiles(Path.Combine(Repository.Reference ?? "", "events", folder), "*.json"))];

        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Empty(EventReader.Read(File.ReadAllBytes(file)).Unreadable));
    }

    private static WorkflowEvent Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return EventReader.TryRead(document.RootElement, out var envelope, out var error) ? envelope.ToWorkflowEvent() : throw new InvalidOperationException(error);
    }

    private static string Error(string json)
    {
        using var document = JsonDocument.Parse(json);
        return EventReader.TryRead(document.RootElement, out _, out var error) ? "" : error;
    }
}
