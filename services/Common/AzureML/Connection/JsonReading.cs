using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLEvents.AzureML.Connection;

/// <summary>Reads members of answers. A member that is missing or of an unexpected kind counts as absent and causes no error.</summary>
internal static class JsonReading
{
    public static JsonObject? Object(this JsonObject? json, string name) => json?[name] as JsonObject;

    public static IEnumerable<JsonObject> Objects(this JsonObject? json, string name) => (json?[name] as JsonArray)?.OfType<JsonObject>() ?? [];

    public static string? Text(this JsonObject? json, string name) => json?[name] is JsonValue value ? Text(value) : null;

    public static Uri? Address(this JsonObject? json, string name) => Uri.TryCreate(json.Text(name), UriKind.Absolute, out var address) ? address : null;

    public static DateTimeOffset? Time(this JsonObject? json, string name) =>
        DateTimeOffset.TryParse(json.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    public static IReadOnlyDictionary<string, string> Texts(this JsonObject? json, string name) =>
        json.Object(name)?.Where(member => member.Value is not null).ToDictionary(member => member.Key, member => Text(member.Value), StringComparer.Ordinal) ?? [];

    public static double? Number(this JsonObject? json, string name) =>
        double.TryParse(json.Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static IReadOnlyDictionary<string, int> Numbers(this JsonObject? json, string name) =>
        json.Texts(name)
            .Select(member => (member.Key, Read: int.TryParse(member.Value, CultureInfo.InvariantCulture, out var number), Number: number))
            .Where(member => member.Read)
            .ToDictionary(member => member.Key, member => member.Number, StringComparer.Ordinal);

    /// <summary>A JSON object whose members are strings.</summary>
    public static JsonObject ToJson(this IReadOnlyDictionary<string, string> texts) =>
        new(texts.Select(text => KeyValuePair.Create(text.Key, (JsonNode?)text.Value)));

    private static string Text(JsonNode? node) => node switch
    {
        null => "",
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => node.ToJsonString(),
    };
}
