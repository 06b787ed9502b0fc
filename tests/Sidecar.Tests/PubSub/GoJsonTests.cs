using System.Buffers;
using System.Text;

using MLEvents.Local.Sidecar.PubSub;

namespace MLEvents.Local.Sidecar.Tests.PubSub;

/// <summary>Tests that <see cref="GoJson"/> writes JSON as Go's package <c>encoding/json</c> does.</summary>
public sealed class GoJsonTests
{
    [Theory]
    [InlineData("""{ "b" : 1.0, "a" : [ ] , "B" : { } }""", """{"B":{},"a":[],"b":1.0}""")]
    [InlineData("""{"a":1,"b":2,"a":3}""", """{"a":3,"b":2}""")]
    [InlineData("""{"b":1,"\u0061":2,"a":3}""", """{"a":3,"b":1}""")]
    [InlineData("""{"a":"caf\u00e9 / \/ \ud83d\ude00"}""", """{"a":"café / / 😀"}""")]
    [InlineData("""{"a":"café 😀","é":true,"z":null}""", """{"a":"café 😀","z":null,"é":true}""")]
    [InlineData("""{"a":"<b> & \u2028","<":1}""", """{"\u003c":1,"a":"\u003cb\u003e \u0026 \u2028"}""")]
    [InlineData("{\"a\":\"\u2028 \u2029 \u2030\"}", "{\"a\":\"\\u2028 \\u2029 \u2030\"}")]
    [InlineData("""{"a":"\" \\ \n \t \u0001"}""", """{"a":"\" \\ \n \t \u0001"}""")]
    [InlineData("""{"😀":1,"ｱ":2}""", """{"ｱ":2,"😀":1}""")]
    [InlineData("[12345678901234567890,1e5,-0.10,\"\"]", "[12345678901234567890,1e5,-0.10,\"\"]")]
    public void Members_are_sorted_and_strings_are_escaped_as_in_Go(string json, string expected)
    {
        using var document = GoJson.TryParse(Encoding.UTF8.GetBytes(json));
        var target = new ArrayBufferWriter<byte>();

        GoJson.Write(target, document?.RootElement ?? default);

        Assert.Equal(expected, Encoding.UTF8.GetString(target.WrittenSpan));
    }
}
