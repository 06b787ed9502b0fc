using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace MLEvents.Events;

/// <summary>Removes secrets from texts of other systems, such as errors of Azure, bindings and mail servers, before the texts are stored, published or logged.</summary>
/// <remarks>
/// The class removes the user and the query of URLs. It removes the path of a URL too, unless the host or the start of the path is known to be public. It also removes values that are
/// named like a password, key, token or signature, and authorization headers, JSON Web Tokens, private keys and account keys. Redacting a redacted text changes nothing.
/// </remarks>
public static partial class Redaction
{
    /// <summary>The longest text that <see cref="Bound"/> returns, in characters.</summary>
    public const int MaxLength = 8192;

    /// <summary>The text in place of a secret.</summary>
    public const string Mask = "***";

    private const int MaxInput = 64 * 1024;

    // A pattern may leave a part of a secret that another pattern finds in the next pass. Text with secrets usually needs two passes.
    private const int MaxPasses = 8;
    private const string Alphabet = "[A-Za-z0-9+/]";

    // Text without any of these strings contains no secret that the patterns can find.
    private static readonly SearchValues<string> Signs = SearchValues.Create(
        ["://", "=", ":", "bearer", "basic", "signature", "sharedkey", "eyJ", "-----BEGIN"], StringComparison.OrdinalIgnoreCase);

    private static readonly string[] HostsWithPublicPaths =
        ["management.azure.com", "ml.azure.com", "portal.azure.com", "login.microsoftonline.com", "aka.ms", "learn.microsoft.com", "docs.microsoft.com", "go.microsoft.com", "docs.dapr.io"];

    private static readonly string[] PublicPaths = ["/subscriptions/", "/providers/", "/v1.0/"];

    /// <summary>Removes secrets.</summary>
    /// <param name="text">The text. If it can contain secrets, everything beyond 64 Ki characters is left out.</param>
    /// <returns>The text without secrets; the same instance if nothing was removed.</returns>
    public static string Scrub(string text)
    {
        if (!text.AsSpan().ContainsAny(Signs))
        {
            return text;
        }

        var shown = text.Length > MaxInput ? text[..MaxInput] : text;
        for (var pass = 0; pass < MaxPasses; pass++)
        {
            var before = shown;
            shown = ScrubOnce(before);
            if (shown == before)
            {
                break;
            }
        }

        return shown == text ? text : shown;
    }

    /// <summary>
    /// Removes secrets, see <see cref="Scrub"/>, and limits the length by leaving out the middle of a longer text. If the text can contain secrets, everything beyond 64 Ki characters
    /// is left out first, so the result does not contain the end of such a text.
    /// </summary>
    /// <param name="text">The text; null stays null.</param>
    public static string? Bound(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var shown = Scrub(text);
        if (shown.Length <= MaxLength)
        {
            return shown;
        }

        var gap = string.Create(CultureInfo.InvariantCulture, $"\n… ({text.Length} characters in all) …\n");
        var half = (MaxLength - gap.Length) / 2;
        return string.Concat(shown.AsSpan(0, half), gap, shown.AsSpan(shown.Length - half));
    }

    /// <summary>The first line, for logs. Further lines may quote the log of a container.</summary>
    /// <param name="text">The text; null becomes empty.</param>
    public static string FirstLine(string? text) => text is null ? "" : text.AsSpan().IndexOfAny('\r', '\n') is >= 0 and var end ? text[..end] + " …" : text;

    private static string ScrubOnce(string shown)
    {
        shown = PrivateKeyPattern().Replace(shown, Mask);
        shown = UrlPattern().Replace(shown, WithoutSecrets);
        shown = AuthorizationPattern().Replace(shown, match => match.Groups["scheme"].Value + Mask);
        shown = NamedValuePattern().Replace(shown, match => match.Groups["name"].Value + Mask);
        shown = WebTokenPattern().Replace(shown, Mask);
        return AccountKeyPattern().Replace(shown, Mask);
    }

    private static string WithoutSecrets(Match match)
    {
        var (scheme, host, path) = (match.Groups["scheme"].Value, match.Groups["host"].Value, match.Groups["path"].Value);
        var user = match.Groups["user"].Success ? Mask + "@" : "";
        var query = match.Groups["query"].Success ? "?" + Mask : "";
        return $"{scheme}{user}{host}{(IsPublic(host, path) ? path : "/" + Mask)}{query}";
    }

    private static bool IsPublic(string host, string path)
    {
        var name = host.Split(':')[0];
        return path.Length <= 1
            || HostsWithPublicPaths.Contains(name, StringComparer.OrdinalIgnoreCase)
            || PublicPaths.Any(start => path.StartsWith(start, StringComparison.OrdinalIgnoreCase));
    }

    [GeneratedRegex("""(?<scheme>\b[a-z][a-z0-9+.-]{1,15}://)(?<user>[^\s/?#"'<>@]*@)?(?<host>\[[0-9a-f:.]+\](?::\d+)?|[^\s/?#"'<>@,;)]*)(?<path>/[^\s?#"'<>]*)?(?<query>[?#][^\s"'<>]*)?""", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex UrlPattern();

    [GeneratedRegex("""(?<scheme>\b(?:bearer|basic|sharedaccesssignature|sharedkey)\s+)[^\s"',;]{16,}""", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex AuthorizationPattern();

    [GeneratedRegex(
        """(?<name>(?<![A-Za-z0-9])[\w.-]{0,64}(?:passw(?:or)?d|pwd|secret|token|credential|authorization|api[-_]?key|access[-_]?key|account[-_]?key|shared[-_]?key|private[-_]?key|connection[-_]?string|signature|(?<![A-Za-z])sig|(?<=[?&])code)(?:\\{0,3}["'])?\s{0,4}[:=]\s{0,4}(?:(?:bearer|basic)\s+)?)(?:\\{1,3}"[^"]*"|"(?:\\.|[^"\\])*"|'[^']*'|(?>[^\s,;&"'}\]]+))+""",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex NamedValuePattern();

    [GeneratedRegex("""\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?""", RegexOptions.ExplicitCapture)]
    private static partial Regex WebTokenPattern();

    [GeneratedRegex("""-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|\z)""", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex PrivateKeyPattern();

    // Keys of 32 and 64 bytes in base64, the format of Azure's account keys.
    [GeneratedRegex($"(?<!{Alphabet})(?:{Alphabet}{{86}}==|{Alphabet}{{43}}=)(?!=)", RegexOptions.ExplicitCapture)]
    private static partial Regex AccountKeyPattern();
}
