using Microsoft.AspNetCore.Http.Features;

namespace MLEvents.Local.Sidecar.Requests;

/// <summary>Decodes the segments of a request path.</summary>
internal static class RawPath
{
    /// <summary>
    /// Returns the last segment of the path, fully decoded. In a route value, Kestrel leaves <c>%2F</c> encoded, but a key can contain a slash.
    /// </summary>
    public static string DecodedLastSegment(this HttpContext context, string routeValue)
    {
        var path = context.Features.Get<IHttpRequestFeature>()?.RawTarget.Split('?')[0] ?? "";
        return path.Contains('/', StringComparison.Ordinal) ? Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]) : routeValue;
    }
}
