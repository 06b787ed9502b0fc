using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

using MLEvents.Events;

namespace MLEvents.Cli.Rules;

/// <summary>Checks the strings of a JSON value. The JSON parser accepts invalid UTF-8 and lone surrogates, but a later read of such a string fails.</summary>
internal static class JsonStrings
{
    /// <summary>The deepest nesting of an event in a file.</summary>
    public const int MaxDepth = JsonLimits.MaxDepth + JsonLimits.Wrapping;

    /// <summary>Whether every name and string of a value is valid text.</summary>
    public static bool AreText(JsonElement element)
    {
        var json = JsonMarshal.GetRawUtf8Value(element);
        return Utf8.IsValid(json) && (json.IndexOf("\\u"u8) < 0 || CanDecode(json));
    }

    private static bool CanDecode(ReadOnlySpan<byte> json)
    {
        // The parser of the value has checked its depth.
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue, AllowTrailingCommas = true });
        try
        {
            while (reader.Read())
            {
                if (reader.ValueIsEscaped)
                {
                    reader.GetString();
                }
            }

            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
