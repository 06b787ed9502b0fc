using System.Collections.ObjectModel;
using System.Text.Json;

namespace MLEvents.Dashboard.Site;

/// <summary>Reads the links of actions.</summary>
internal static class WebLinks
{
    /// <summary>Returns the links with http and https addresses. Others are dropped, because a browser could execute them, for instance <c>javascript:</c>.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Read(string json) =>
        [.. (JsonSerializer.Deserialize(json, DashboardJson.Default.IReadOnlyDictionaryStringString) ?? ReadOnlyDictionary<string, string>.Empty).Where(link => Uri.TryCreate(link.Value, UriKind.Absolute, out var address) && (address.Scheme is "http" or "https"))];
}
