namespace MLEvents.Local.Sidecar.PubSub;

/// <summary>Recognizes media types as daprd does: by prefix, ignoring case and parameters.</summary>
internal static class ContentTypes
{
    public static bool IsCloudEvent(string type) => Is(type, "application/cloudevents+json");

    public static bool IsJson(string type) => Is(type, "application/json");

    public static bool IsBinary(string type) => Is(type, "application/octet-stream");

    public static bool IsText(string type) => Is(type, "text/") || Is(type, "application/xml");

    private static bool Is(string type, string prefix) => type.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);
}
