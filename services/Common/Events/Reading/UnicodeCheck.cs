using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace MLEvents.Events.Reading;

/// <summary>Finds text that is not valid Unicode. The JSON parser accepts it, but it can be neither read nor forwarded.</summary>
internal static class UnicodeCheck
{
    /// <summary>Describes the invalid text in an element; null if there is none.</summary>
    public static string? FindFault(JsonElement element)
    {
        var raw = JsonMarshal.GetRawUtf8Value(element);
        if (!Utf8.IsValid(raw))
        {
            return "it holds text that is not valid UTF-8";
        }

        // JSON can represent half a surrogate pair only as an escape.
        return (raw.IndexOf("\\ud"u8) >= 0 || raw.IndexOf("\\uD"u8) >= 0) && !CanBeWritten(element) ? "it holds half a surrogate pair, which is not valid Unicode" : null;
    }

    private static bool CanBeWritten(JsonElement element)
    {
        try
        {
            using var writer = new Utf8JsonWriter(Stream.Null, JsonLimits.Writer);
            element.WriteTo(writer);
            return true;
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }
}
