using System.Text.Json;

namespace MLEvents.Dashboard.Site;

/// <summary>The links of an action.</summary>
internal static class WebLinks
{
    /// <summary>Reads links; only http and https addresses, because a browser would execute others.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Read(string json) =>
        [.. (JsonSerializer.Deserialize<Dictionary<string, string>>(json) ?? []).Where(link => Uri.TryCreate(link.Value, UriKind.Absolute, out var address) && (address.Scheme is "http" or "https"))];
}
