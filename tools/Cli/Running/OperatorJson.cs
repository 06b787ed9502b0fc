using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MLEvents.Cli.Running;

/// <summary>Formats parts of answers for a terminal. The result contains no control sequences of the terminal, because answers can contain untrusted text.</summary>
internal static class OperatorJson
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, MaxDepth = 1024 };

    /// <summary>The text of the member at a path. Empty if the member does not exist.</summary>
    public static string Text(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return "";
            }
        }

        return element.ValueKind == JsonValueKind.Null ? "" : Safe(element.ToString());
    }

    /// <summary>The member of an object.</summary>
    /// <exception cref="JsonException">The value is not an object, or the object has no such member.</exception>
    public static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : throw new JsonException($"'{name}' is missing");

    /// <summary>The entries of the member that is a list.</summary>
    /// <exception cref="JsonException">The member is missing or is not a list.</exception>
    public static JsonElement.ArrayEnumerator List(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : throw new JsonException($"'{name}' is not a list");

    /// <summary>A time as yyyy-MM-dd HH:mm:ss in UTC. Empty if the value is not a time.</summary>
    public static string Time(JsonElement element, string name) =>
        DateTimeOffset.TryParse(Text(element, name), CultureInfo.InvariantCulture, out var time) ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "";

    /// <summary>JSON over several lines.</summary>
    public static string Pretty(JsonElement element) => JsonSerializer.Serialize(element, Indented);

    /// <summary>Replaces control characters with U+FFFD, except line feed and tab.</summary>
    public static string Safe(string text) =>
        string.Concat(text.Select(character => char.IsControl(character) && character is not ('\n' or '\t') ? '\uFFFD' : character));

    /// <summary>Decodes UTF-8 bytes. Returns base64 if the bytes are not valid UTF-8.</summary>
    public static string FormatBytes(byte[] bytes)
    {
        try
        {
            return Safe(new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes));
        }
        catch (DecoderFallbackException)
        {
            return $"(not UTF-8, base64) {Convert.ToBase64String(bytes)}";
        }
    }
}
