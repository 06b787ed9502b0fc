using MLEvents.Events.Reading;

namespace MLEvents.Events.Tests.Reading;

public sealed class BinaryModeReaderTests
{
    [Theory]
    [InlineData("\"models/quoted:1\"", "models/quoted:1")]
    [InlineData("\"a \\\"b\\\" %C3%A9\"", "a \"b\" é")]
    [InlineData("100%", "100%")]
    [InlineData("%4", "%4")]
    [InlineData("%41", "A")]
    [InlineData("\"", "\"")]
    public void Header_values_are_unquoted_and_percent_decoded(string value, string expected) =>
        Assert.Equal(expected, Assert.Single(Read(value).Events).ToWorkflowEvent().Subject);

    [Fact]
    public void A_header_that_is_not_UTF_8_after_decoding_is_refused() =>
        Assert.Contains("'ce-subject' is percent-encoded and not valid UTF-8", Assert.Single(Read("t/caf%E9").Unreadable).Reason, StringComparison.Ordinal);

    private static EventBatch Read(string subject) => BinaryModeReader.Read(
        new Dictionary<string, string> { ["ce-specversion"] = "1.0", ["ce-id"] = "1", ["ce-source"] = "/ws", ["ce-type"] = "t", ["ce-subject"] = subject }, "application/json", "{}"u8.ToArray());
}
