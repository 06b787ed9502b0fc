using System.Text.Encodings.Web;
using System.Text.Json;

using MLEvents.Events;

namespace MLEvents.Dashboard.Site;

/// <summary>Formats events for people.</summary>
internal static class EventText
{
    private static readonly DashboardJson Indented =
        new(new JsonSerializerOptions { WriteIndented = true, MaxDepth = JsonLimits.MaxDepth + JsonLimits.Wrapping, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Returns the part of a type after the last dot.</summary>
    public static string ShortType(string type) => type[(type.LastIndexOf('.') + 1)..];

    /// <summary>Returns the full name of a type. A type without a dot gets the prefix of Azure ML.</summary>
    public static string FullType(string type) => type.Contains('.', StringComparison.Ordinal) ? type : EventTypes.AzureMLPrefix + type;

    /// <summary>Formats JSON with indentation.</summary>
    public static string Pretty(JsonElement element) => element.ValueKind == JsonValueKind.Undefined ? "" : JsonSerializer.Serialize(element, Indented.JsonElement);

    /// <summary>Reads a stored envelope.</summary>
    public static JsonElement Parse(string envelope)
    {
        using var document = JsonDocument.Parse(envelope, JsonLimits.Document);
        return document.RootElement.Clone();
    }
}
