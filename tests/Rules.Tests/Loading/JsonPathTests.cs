using System.Text.Json;
using System.Text.Json.Nodes;

using MLEvents.Rules.Rollouts;

namespace MLEvents.Rules.Tests.Loading;

/// <summary>Tests JSON paths. A path is a singular query of RFC 9535, and names one value in the answer to a sample request.</summary>
public sealed class JsonPathTests
{
    private const string Document = """{"a":[{"score":0.5},[1,2,3]],"class name":{"it's":"x"},"ü":null}""";

    [Theory]
    [InlineData("$", Document)]
    [InlineData("$.a[0].score", "0.5")]
    [InlineData("$['a'][1][-1]", "3")]
    [InlineData("$[\"class name\"]['it\\'s']", "\"x\"")]
    [InlineData("$.ü", "null")]
    public void A_value_is_found_by_names_and_indexes(string path, string expected) => Assert.Equal(expected, Find(path)?.GetRawText());

    [Theory]
    [InlineData("""$['\b\t\n\f\r\/\\\'"']""", "\b\t\n\f\r/\\'\"")]
    [InlineData("""$["\b\t\n\f\r\/\\\"'"]""", "\b\t\n\f\r/\\\"'")]
    [InlineData("""$['\\u0041\u0041']""", "\\u0041A")]
    [InlineData("""$['\u00E9\u263a']""", "\u00E9\u263A")]
    [InlineData("""$["\uD83D\ude00"]""", "\U0001F600")]
    public void A_quoted_name_can_contain_the_escapes_of_RFC_9535(string path, string name)
    {
        var document = JsonElement.Parse(new JsonObject { [name] = 1 }.ToJsonString());

        Assert.Equal("1", JsonPath.TryParse(path, out var parsed) ? parsed.Find(document)?.GetRawText() : "not parsed");
    }

    [Theory]
    [InlineData("$.b")]
    [InlineData("$.a.score")]
    [InlineData("$.a[2]")]
    [InlineData("$.a[-3]")]
    [InlineData("$[0]")]
    [InlineData("$.a[0].score.x")]
    public void A_path_that_is_missing_in_the_document_finds_no_value(string path) => Assert.Null(Find(path));

    [Theory]
    [InlineData("")]
    [InlineData("score")]
    [InlineData("$.")]
    [InlineData("$..a")]
    [InlineData("$.*")]
    [InlineData("$[*]")]
    [InlineData("$[0:2]")]
    [InlineData("$[?@.a]")]
    [InlineData("$.a ")]
    [InlineData("$['a]")]
    [InlineData("$[9999999999]")]
    [InlineData("""$['\x']""")]
    [InlineData("""$['\"']""")]
    [InlineData("""$["\'"]""")]
    [InlineData("""$['\u12G4']""")]
    [InlineData("""$['\u123']""")]
    [InlineData("""$['\uD83D']""")]
    [InlineData("""$['\uDE00\uD83D']""")]
    public void A_query_that_is_invalid_or_can_give_several_values_or_has_an_index_of_more_than_9_digits_is_refused(string path) => Assert.False(JsonPath.TryParse(path, out _));

    private static JsonElement? Find(string path) => JsonPath.TryParse(path, out var parsed) ? parsed.Find(JsonElement.Parse(Document)) : throw new ArgumentException(path);
}
