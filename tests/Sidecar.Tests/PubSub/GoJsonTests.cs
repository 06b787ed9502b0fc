using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using MLEvents.Local.Sidecar.PubSub;

namespace MLEvents.Local.Sidecar.Tests.PubSub;

/// <summary>Tests that <see cref="GoJson"/> writes JSON as Go's package <c>encoding/json</c> does.</summary>
public sealed class GoJsonTests
{
    private static readonly string[] Names = ["a", "b", "ab", "<", "a<b", "é", "", "Z", "a b"];

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
        var target = new ByteBuffer(0);

        GoJson.Write(target, Encoding.UTF8.GetBytes(json));

        Assert.Equal(expected, Encoding.UTF8.GetString(target.Written));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"a":}""")]
    [InlineData("[1,]")]
    [InlineData("{} {}")]
    public void Text_that_is_not_one_JSON_value_is_refused(string json) =>
        Assert.ThrowsAny<JsonException>(() => GoJson.Write(new ByteBuffer(0), Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void JSON_that_is_nested_too_deeply_is_refused()
    {
        static string Nested(int depth) => new string('[', depth) + new string(']', depth);
        var target = new ByteBuffer(0);

        GoJson.Write(target, Encoding.UTF8.GetBytes(Nested(GoJson.MaxDepth)));

        Assert.Equal(Nested(GoJson.MaxDepth), Encoding.UTF8.GetString(target.Written));
        Assert.ThrowsAny<JsonException>(() => GoJson.Write(new ByteBuffer(0), Encoding.UTF8.GetBytes(Nested(GoJson.MaxDepth + 1))));
    }

    // The expected text is created without GoJson: it comes from nodes of System.Text.Json, and the test sorts their members.
    [Fact]
    public void Random_values_are_written_with_sorted_members()
    {
        var random = new Random(7);
        for (var round = 0; round < 500; round++)
        {
            var json = RandomValue(random, depth: 0);
            var target = new ByteBuffer(16);

            GoJson.Write(target, Encoding.UTF8.GetBytes(json));

            var expected = Sorted(JsonNode.Parse(json));
            Assert.Equal(expected, Encoding.UTF8.GetString(target.Written));
        }
    }

    [Fact]
    public void Data_that_is_not_JSON_leaves_the_object_as_it_was()
    {
        var target = new ByteBuffer(0);
        var written = new GoJsonObject(target, []);
        written.Add("b", "1");

        Assert.False(written.TryAddJson("a", "{\"x\":{\"y\":1}"u8.ToArray()));
        Assert.True(written.TryAddJson("c", "{\"y\":1,\"x\":2}"u8.ToArray()));
        written.End();

        Assert.Equal("""{"b":"1","c":{"x":2,"y":1}}""", Encoding.UTF8.GetString(target.Written));
    }

    private static string RandomValue(Random random, int depth) => random.Next(depth > 4 ? 2 : 4) switch
    {
        0 => $"{random.Next(100)}",
        1 => $"\"{Names[random.Next(Names.Length)]}\"",
        2 => $"[ {string.Join(" , ", Enumerable.Range(0, random.Next(4)).Select(_ => RandomValue(random, depth + 1)))} ]",
        _ => $"{{ {string.Join(" , ", Names.OrderBy(_ => random.Next()).Take(random.Next(Names.Length)).Select(name => $"\"{name}\" : {RandomValue(random, depth + 1)}"))} }}",
    };

    private static string Sorted(JsonNode? node) => node switch
    {
        JsonObject members => $"{{{string.Join(',', members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => $"{Quoted(member.Key)}:{Sorted(member.Value)}"))}}}",
        JsonArray items => $"[{string.Join(',', items.Select(Sorted))}]",
        JsonValue value when value.GetValueKind() == JsonValueKind.String => Quoted(value.GetValue<string>()),
        _ => node!.ToJsonString(),
    };

    private static string Quoted(string text) => $"\"{text.Replace("<", "\\u003c", StringComparison.Ordinal)}\"";
}
