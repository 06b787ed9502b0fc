using System.Collections.Frozen;
using System.Net.Http.Headers;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>
/// Writes the metadata of messages to HTTP headers. The metadata comes from the publisher of the message. A line end in a value must not add a header.
/// A name must not change how the request is parsed, or replace a header of the sidecar.
/// </summary>
internal static class MetadataHeaders
{
    private static readonly FrozenSet<string> Reserved = new[]
    {
        "Connection", "Content-Length", "Dapr-Api-Token", "Expect", "Host", "Keep-Alive", "Proxy-Connection", "Pubsubname", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds metadata as headers. Leaves out names that are not valid or not allowed.</summary>
    public static void Add(HttpRequestHeaders headers, IReadOnlyDictionary<string, string> metadata)
    {
        foreach (var (name, value) in metadata.Where(item => !Reserved.Contains(item.Key)))
        {
            headers.TryAddWithoutValidation(GoHeader.Canonical(name), OneLine(value));
        }
    }

    /// <summary>Returns a value with spaces in place of line ends and other control characters.</summary>
    public static string OneLine(string value) => value.Any(char.IsControl) ? string.Concat(value.Select(character => char.IsControl(character) ? ' ' : character)) : value;

    /// <summary>Whether a header of an answer may have this name, on HTTP and gRPC alike.</summary>
    public static bool IsName(string name) => name.Length > 0 && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.');
}
