using System.Globalization;
using System.Text.Json.Nodes;

namespace MLEvents.Rules.Yaml;

/// <summary>
/// YAML as JSON. A plain scalar becomes null, a boolean or a decimal number where YAML's core schema says so, and a string otherwise. Hexadecimal, octal and infinite numbers remain strings.
/// </summary>
internal static class YamlJson
{
    public static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMap map => new JsonObject(map.Entries.Select(entry => KeyValuePair.Create(entry.Key.Value, ToJson(entry.Value)))),
        YamlList list => new JsonArray([.. list.Items.Select(ToJson)]),
        YamlText { IsNull: true } => null,
        YamlText { Bool: { } boolean } => JsonValue.Create(boolean),
        YamlText { Style: YamlStyle.Plain } text => Plain(text.Value),
        YamlText text => JsonValue.Create(text.Value),
        _ => null,
    };

    private static JsonValue Plain(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? JsonValue.Create(whole)
        : Number(text) is { } number ? JsonValue.Create(number)
        : JsonValue.Create(text);

    /// <summary>The number that the text represents; null if the text is not a number or the number is not finite.</summary>
    public static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float & ~NumberStyles.AllowLeadingWhite & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number)
            ? number
            : null;
}
