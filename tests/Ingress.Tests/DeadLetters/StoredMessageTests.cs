using System.Text.Json;

namespace MLEvents.Ingress.Tests.DeadLetters;

public sealed class StoredMessageTests
{
    [Theory]
    [InlineData("""{"id":"a"}""")]
    [InlineData("""{"id":"a","reason":null,"headers":null}""")]
    public void Members_that_a_record_lacks_have_their_defaults(string json)
    {
        var message = JsonSerializer.Deserialize(json, IngressJson.Default.StoredMessage);

        Assert.NotNull(message);
        Assert.Equal((2, "", 0), (message.Version, message.Reason, message.Headers.Count));
        Assert.True(message.IsKnown);
    }

    [Fact]
    public void A_record_of_version_1_keeps_its_version()
    {
        var message = JsonSerializer.Deserialize("""{"version":1,"id":"a","reason":"no JSON","headers":{"ce-id":"1"}}""", IngressJson.Default.StoredMessage);

        Assert.NotNull(message);
        Assert.Equal((1, "no JSON", "1"), (message.Version, message.Reason, message.Headers["ce-id"]));
    }
}
