using System.Security.Cryptography;
using System.Text;

namespace MLEvents.State;

/// <summary>Derives keys from texts that may contain characters that a state store refuses.</summary>
public static class StateKey
{
    /// <summary>The SHA-256 hash of text, in lower-case hexadecimal digits.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">The number of digits, 1 to 64.</param>
    public static string Hash(string text, int length = 64) => Hash(Encoding.UTF8.GetBytes(text), length);

    /// <summary>The SHA-256 hash of bytes in lower-case hexadecimal digits.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="length">The number of digits, 1 to 64.</param>
    public static string Hash(ReadOnlySpan<byte> bytes, int length = 64) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..length];

    /// <summary>Whether the text is a hash of the given length.</summary>
    public static bool IsHash(string text, int length) => text.Length == length && text.All(char.IsAsciiHexDigitLower);
}
