using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace MLEvents.Local.Sidecar.PubSub;

/// <summary>
/// Writes JSON as Go's encoding/json writes maps: keys are sorted, there is no white space, and &lt;, &gt;, &amp;, U+2028 and U+2029 in strings are escaped with
/// lower-case hex digits. The form of numbers does not change.
/// </summary>
internal static class GoJson
{
    private const string Hex = "0123456789abcdef";

    /// <summary>Bytes of UTF-8 text that may have to be written in another form: escapes, characters that Go escapes, and the first byte of U+2028 and U+2029.</summary>
    private static readonly SearchValues<byte> Rewritten = SearchValues.Create([(byte)'\\', (byte)'<', (byte)'>', (byte)'&', 0xE2]);

    /// <summary>Characters that <see cref="Escape"/> writes in another form.</summary>
    private static readonly SearchValues<char> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, ' ').Select(code => (char)code), '"', '\\', '<', '>', '&', '\u2028', '\u2029']);

    /// <summary>Maximum nesting of JSON that is read.</summary>
    public const int MaxDepth = 1024;

    /// <summary>Maximum nesting of an envelope. It is one level more, because the envelope contains JSON of a publisher.</summary>
    public const int MaxEnvelopeDepth = MaxDepth + 1;

    /// <summary>Parses bytes. Returns null if they are not JSON, or nested deeper than <paramref name="maxDepth"/>.</summary>
    public static JsonDocument? TryParse(ReadOnlyMemory<byte> utf8, int maxDepth = MaxDepth)
    {
        try
        {
            return JsonDocument.Parse(GoText.Repair(utf8), new JsonDocumentOptions { MaxDepth = maxDepth });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// Parses the first value, as Go's json.Decoder does: data after the value is ignored. Returns null if the bytes do not begin with JSON, or if the value is
    /// nested deeper than <see cref="MaxDepth"/>.
    /// </summary>
    public static JsonDocument? TryParseFirst(ReadOnlyMemory<byte> utf8)
    {
        var reader = new Utf8JsonReader(GoText.Repair(utf8).Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            return JsonDocument.ParseValue(ref reader);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes a value with sorted keys.</summary>
    public static void Write(IBufferWriter<byte> target, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(target, value);
                break;
            case JsonValueKind.Array:
                WriteArray(target, value);
                break;
            case JsonValueKind.String:
                WriteString(target, JsonMarshal.GetRawUtf8Value(value), value);
                break;
            default:
                target.Write(JsonMarshal.GetRawUtf8Value(value));
                break;
        }
    }

    /// <summary>Writes a string with its quotes.</summary>
    public static void Write(IBufferWriter<byte> target, string text)
    {
        target.Write("\""u8);
        var rest = text.AsSpan();
        for (int at; (at = rest.IndexOfAny(Escaped)) >= 0; rest = rest[(at + 1)..])
        {
            Encoding.UTF8.GetBytes(rest[..at], target);
            Raw(target, Escape(rest[at]));
        }

        Encoding.UTF8.GetBytes(rest, target);
        target.Write("\""u8);
    }

    /// <summary>Writes characters unchanged.</summary>
    public static void Raw(IBufferWriter<byte> target, string text) => Encoding.UTF8.GetBytes(text, target);

    /// <summary>Writes a string. A string without the bytes in <see cref="Rewritten"/> is copied without decoding.</summary>
    private static void WriteString(IBufferWriter<byte> target, ReadOnlySpan<byte> quoted, JsonElement value)
    {
        if (quoted.ContainsAny(Rewritten))
        {
            Write(target, value.GetString() ?? "");
        }
        else
        {
            target.Write(quoted);
        }
    }

    private static void WriteObject(IBufferWriter<byte> target, JsonElement value)
    {
        var separator = "{"u8;
        foreach (var member in GoJsonMembers.Sort(value))
        {
            target.Write(separator);
            WriteName(target, member);
            target.Write(":"u8);
            Write(target, member.Value);
            separator = ","u8;
        }

        target.Write(separator[0] == (byte)'{' ? "{}"u8 : "}"u8);
    }

    private static void WriteName(IBufferWriter<byte> target, JsonProperty member)
    {
        var name = JsonMarshal.GetRawUtf8PropertyName(member);
        if (name.ContainsAny(Rewritten))
        {
            Write(target, member.Name);
            return;
        }

        target.Write("\""u8);
        target.Write(name);
        target.Write("\""u8);
    }

    private static void WriteArray(IBufferWriter<byte> target, JsonElement value)
    {
        target.Write("["u8);
        var first = true;
        foreach (var item in value.EnumerateArray())
        {
            if (!first)
            {
                target.Write(","u8);
            }

            Write(target, item);
            first = false;
        }

        target.Write("]"u8);
    }

    private static string Escape(char character) => character switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\b' => "\\b",
        '\f' => "\\f",
        '\u2028' => "\\u2028",
        '\u2029' => "\\u2029",
        _ => $"\\u00{Hex[character >> 4]}{Hex[character & 15]}",
    };
}
