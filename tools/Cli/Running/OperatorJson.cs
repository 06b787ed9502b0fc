using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MLEvents.Cli.Running;

/// <summary>Parts of answers as text that a terminal can be given: what a stranger sent must not steer it.</summary>
internal static class OperatorJson
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, MaxDepth = 1024 };

    /// <summary>The text of a member, or of a member of a member; empty if there is none.</summary>
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

    /// <summary>A time as people read it, in UTC.</summary>
    public static string Time(JsonElement element, string name) =>
        DateTimeOffset.TryParse(Text(element, name), CultureInfo.InvariantCulture, out var time) ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "";

    /// <summary>JSON over several lines.</summary>
    public static string Pretty(JsonElement element) => JsonSerializer.Serialize(element, Indented);

    /// <summary>Text without control sequences for a terminal; line breaks stay.</summary>
    public static string Safe(string text) =>
        string.Concat(text.Select(character => char.IsControl(character) && character is not ('\n' or '\t') ? '\uFFFD' : character));

    /// <summary>Bytes as text; in base64 if they are none.</summary>
    public static string OfBytes(byte[] bytes)
    {
        try
        {
            return Safe(new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes));
        }
        catch (DecoderFallbackException)
        {
            return $"(no text, in base64) {Convert.ToBase64String(bytes)}";
        }
    }
}
