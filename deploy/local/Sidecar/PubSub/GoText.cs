using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace MLEvents.Local.Sidecar.PubSub;

/// <summary>Replaces invalid Unicode in JSON with U+FFFD, as Go's encoding/json does. Otherwise .NET's reader would throw.</summary>
/// <remarks>Go writes one U+FFFD for each invalid byte. This class writes one for each invalid sequence, which can contain several bytes.</remarks>
internal static class GoText
{
    /// <summary>Returns the JSON with U+FFFD for each invalid byte sequence and each lone surrogate escape; unchanged if there is none.</summary>
    public static ReadOnlyMemory<byte> Repair(ReadOnlyMemory<byte> json)
    {
        var text = Utf8.IsValid(json.Span) ? json : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json.Span));
        return text.Span.IndexOf("\\ud"u8) < 0 && text.Span.IndexOf("\\uD"u8) < 0 ? text : WithoutLoneSurrogates(text.ToArray());
    }

    private static byte[] WithoutLoneSurrogates(byte[] json)
    {
        for (var at = 0; at < json.Length;)
        {
            at += RepairFirst(json.AsSpan(at));
        }

        return json;
    }

    /// <summary>Repairs the character or escape at the start.</summary>
    /// <returns>The number of bytes to skip: 12 for a surrogate pair, 6 for a repaired escape, 2 for another escape, and 1 for any other byte.</returns>
    private static int RepairFirst(Span<byte> text)
    {
        if (text[0] != '\\')
        {
            return 1;
        }

        if (Escaped(text) is not { } unit || !char.IsSurrogate(unit))
        {
            return 2;
        }

        if (char.IsHighSurrogate(unit) && Escaped(text[6..]) is { } next && char.IsLowSurrogate(next))
        {
            return 12;
        }

        "fffd"u8.CopyTo(text[2..]);
        return 6;
    }

    private static char? Escaped(ReadOnlySpan<byte> text) =>
        text.Length >= 6 && text.StartsWith("\\u"u8) && ushort.TryParse(text[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;
}
