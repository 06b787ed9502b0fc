using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace MLEvents.Events.Reading;

/// <summary>Decodes the header values of binary mode: double quotes first, then percent-encoded UTF-8.</summary>
/// <seealso href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#3132-http-header-values"/>
internal static class HeaderText
{
    /// <summary>Decodes a value.</summary>
    /// <param name="value">The header's value.</param>
    /// <param name="text">The attribute's text, if the value could be decoded.</param>
    /// <returns>False if the percent-encoded bytes are not valid UTF-8.</returns>
    public static bool TryDecode(string value, [NotNullWhen(true)] out string? text)
    {
        text = Unquote(value);
        if (!text.Contains('%', StringComparison.Ordinal))
        {
            return true;
        }

        var bytes = PercentDecode(text);
        text = Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : null;
        return text is not null;
    }

    private static string Unquote(string value)
    {
        if (value is not ['"', .. var inner, '"'])
        {
            return value;
        }

        var text = new StringBuilder(inner.Length);
        for (var index = 0; index < inner.Length; index++)
        {
            index += inner[index] == '\\' && index + 1 < inner.Length ? 1 : 0;
            text.Append(inner[index]);
        }

        return text.ToString();
    }

    // A '%' without two hexadecimal digits is a literal character.
    private static byte[] PercentDecode(string text)
    {
        var source = Encoding.UTF8.GetBytes(text);
        var decoded = new List<byte>(source.Length);
        for (var index = 0; index < source.Length; index++)
        {
            if (source[index] == (byte)'%' && byte.TryParse(source.AsSpan(index + 1, Math.Min(2, source.Length - index - 1)), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                && index + 2 < source.Length)
            {
                decoded.Add(value);
                index += 2;
            }
            else
            {
                decoded.Add(source[index]);
            }
        }

        return [.. decoded];
    }
}
