using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace MLEvents.Rules.Templates;

/// <summary>Creates names that Azure accepts for an online endpoint: letters, digits and hyphens, starting with a letter, ending with a letter or digit.</summary>
internal static partial class ResourceName
{
    /// <summary>The length limit if a template names none. It is the length limit of an online endpoint's name.</summary>
    public const int DefaultLength = 32;

    /// <summary>The smallest length limit.</summary>
    public const int MinLength = 16;

    /// <summary>The largest length limit.</summary>
    public const int MaxLength = 63;

    private const int HashLength = 8;

    /// <summary>
    /// A valid name for any text. A valid text within the length limit stays unchanged. Another text gets a hash, so that different texts have different names.
    /// </summary>
    public static string Create(string text, int length)
    {
        if (text.Length <= length && Valid().IsMatch(text))
        {
            return text;
        }

        var words = Others().Replace(text, "-").Trim('-');
        var name = words.Length > 0 && char.IsAsciiLetter(words[0]) ? words : $"m-{words}";
        var head = name[..Math.Min(name.Length, length - HashLength - 1)].TrimEnd('-');
        return $"{head}-{Hash(text)}";
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, HashLength / 2));

    [GeneratedRegex(@"\A[a-zA-Z][a-zA-Z0-9-]+[a-zA-Z0-9]\z")]
    private static partial Regex Valid();

    [GeneratedRegex("[^a-zA-Z0-9]+")]
    private static partial Regex Others();
}
