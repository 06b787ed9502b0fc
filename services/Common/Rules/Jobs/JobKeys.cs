using System.Text.Json.Nodes;

using MLEvents.Rules.Reading;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.Jobs;

/// <summary>Translates single keys of a job file to members of the REST body. An absent key adds nothing.</summary>
internal static class JobKeys
{
    /// <summary>Translates a reference, or sets the error.</summary>
    public delegate string? Translation(string text, out string? error);

    /// <summary>Adds a member that has a value.</summary>
    public static void Put(this JsonObject body, string member, JsonNode? value)
    {
        if (value is not null)
        {
            body[member] = value;
        }
    }

    /// <summary>A scalar as text.</summary>
    public static JsonNode? String(this MapReader keys, string key) => keys.Scalar(key) is { } text ? JsonValue.Create(text.Value) : null;

    /// <summary>A whole number from 0.</summary>
    public static JsonNode? Count(this MapReader keys, string key) => keys.Node(key) is null ? null : JsonValue.Create(keys.Number(key, 0, int.MaxValue, 0));

    /// <summary>A number.</summary>
    public static JsonNode? Number(this MapReader keys, string key)
    {
        if (keys.Scalar(key) is not { } text)
        {
            return null;
        }

        if (YamlJson.ToJson(text) is JsonValue number && number.GetValueKind() == System.Text.Json.JsonValueKind.Number)
        {
            return number;
        }

        keys.Reading.Add(text, $"'{key}' must be a number, not '{text.Value}'");
        return null;
    }

    /// <summary>A mapping of names to strings.</summary>
    public static JsonNode? Strings(this MapReader keys, string key) => keys.Node(key) is null
        ? null
        : new JsonObject(keys.Each(key, KeyShape.Text, (name, node) => keys.AsText(name, node)?.Value).Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value)));

    /// <summary>A value without translation.</summary>
    public static JsonNode? Raw(this MapReader keys, string key) => keys.Node(key) is { } node ? YamlJson.ToJson(node) : null;

    /// <summary>One of several names, in the REST API's spelling.</summary>
    public static string? Word(this MapReader keys, string key, IReadOnlyDictionary<string, string> words)
    {
        if (keys.Scalar(key) is not { } text)
        {
            return null;
        }

        if (!words.TryGetValue(text.Value.ToLowerInvariant(), out var word))
        {
            keys.Reading.Add(text, $"'{key}' must be one of {string.Join(", ", words.Keys)}, not '{text.Value}'{Suggestion.Hint(text.Value, words.Keys)}");
        }

        return word;
    }

    /// <summary>A reference.</summary>
    public static string? Reference(this MapReader keys, YamlText? text, Translation translate)
    {
        if (text is null)
        {
            return null;
        }

        var id = translate(text.Value, out var error);
        if (error is not null)
        {
            keys.Reading.Add(text, error);
        }

        return id;
    }

    /// <summary>A number of seconds as an ISO 8601 duration.</summary>
    public static JsonNode? Seconds(this MapReader keys, string key) =>
        keys.Node(key) is null ? null : JsonValue.Create(System.Xml.XmlConvert.ToString(TimeSpan.FromSeconds(keys.Number(key, 1, int.MaxValue, 1))));
}
