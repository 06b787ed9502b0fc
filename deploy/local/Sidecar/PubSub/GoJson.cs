using System.Buffers;
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

    /// <summary>
    /// Parses the first value, as Go's json.Decoder does: data after the value is ignored. Returns null if the bytes do not begin with JSON, or if the value is
    /// nested deeper than <see cref="MaxDepth"/>.
    /// </summary>
    public static JsonDocument? TryParseFirst(ReadOnlyMemory<byte> utf8)
    {
        var reader = Reader(utf8);
        try
        {
            return JsonDocument.ParseValue(ref reader);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes a JSON value with sorted keys.</summary>
    /// <exception cref="JsonException">The bytes are not one JSON value, or the value is nested deeper than <paramref name="maxDepth"/>. A part of it may have been written.</exception>
    public static void Write(ByteBuffer target, ReadOnlyMemory<byte> utf8, int maxDepth = MaxDepth)
    {
        var reader = Reader(utf8, maxDepth);
        WriteAll(target, [], ref reader);
    }

    /// <summary>Writes the only value that a new reader reads.</summary>
    /// <exception cref="JsonException">The bytes are not one JSON value. A part of it may have been written.</exception>
    public static void WriteAll(ByteBuffer target, List<GoJsonObject.Member> members, ref Utf8JsonReader reader)
    {
        reader.Read();
        WriteValue(target, members, ref reader);

        // Throws if data follows the value.
        reader.Read();
    }

    /// <summary>Writes the value whose first token is the current token of a reader.</summary>
    /// <param name="target">The buffer to whose end the value is written.</param>
    /// <param name="members">The members of the objects that contain the value; see <see cref="GoJsonObject"/>.</param>
    /// <param name="reader">The reader. Afterwards, its current token is the last token of the value.</param>
    public static void WriteValue(ByteBuffer target, List<GoJsonObject.Member> members, ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var written = new GoJsonObject(target, members);
                written.AddAll(ref reader);
                written.End();
                break;
            case JsonTokenType.StartArray:
                WriteArray(target, members, ref reader);
                break;
            case JsonTokenType.String:
                WriteString(target, ref reader);
                break;
            default:
                target.Write(reader.ValueSpan);
                break;
        }
    }

    /// <summary>Writes the string or the name that is the current token of a reader. If the text contains no byte of <see cref="Rewritten"/>, it is copied without decoding.</summary>
    public static void WriteString(ByteBuffer target, ref Utf8JsonReader reader)
    {
        if (IsRewritten(reader.ValueSpan))
        {
            Write(target, reader.GetString() ?? "");
            return;
        }

        target.Write("\""u8);
        target.Write(reader.ValueSpan);
        target.Write("\""u8);
    }

    /// <summary>Whether a string may be written in another form than it has in JSON text.</summary>
    /// <param name="text">The string as it is in JSON text, without its quotes.</param>
    public static bool IsRewritten(ReadOnlySpan<byte> text) => text.ContainsAny(Rewritten);

    /// <summary>Creates a reader of bytes that may contain invalid Unicode.</summary>
    public static Utf8JsonReader Reader(ReadOnlyMemory<byte> utf8, int maxDepth = MaxDepth) => new(GoText.Repair(utf8).Span, new JsonReaderOptions { MaxDepth = maxDepth });

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

    private static void WriteArray(ByteBuffer target, List<GoJsonObject.Member> members, ref Utf8JsonReader reader)
    {
        target.Write("["u8);
        var isFirst = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            target.Write(isFirst ? [] : ","u8);
            WriteValue(target, members, ref reader);
            isFirst = false;
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
