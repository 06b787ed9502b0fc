using Microsoft.AspNetCore.Http.Features;

namespace MLEvents.Local.Sidecar.Requests;

/// <summary>Path segments as the caller meant them.</summary>
internal static class RawPath
{
    /// <summary>
    /// The last segment of the path, fully decoded. A route value is not: Kestrel leaves <c>%2F</c> encoded, and a key may well hold a slash.
    /// </summary>
    public static string DecodedLastSegment(this HttpContext context, string routeValue)
    {
        var path = context.Features.Get<IHttpRequestFeature>()?.RawTarget.Split('?')[0] ?? "";
        return path.Contains('/', StringComparison.Ordinal) ? Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]) : routeValue;
    }
}
