using System.Text.Encodings.Web;
using System.Text.Json;

using MLEvents.Events;

namespace MLEvents.Dashboard.Site;

/// <summary>Events as people read them.</summary>
internal static class EventText
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, MaxDepth = JsonLimits.MaxDepth + JsonLimits.Wrapping, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The part of a type after the last dot.</summary>
    public static string ShortType(string type) => type[(type.LastIndexOf('.') + 1)..];

    /// <summary>The full name of a type that may be given without the prefix of Azure ML.</summary>
    public static string FullType(string type) => type.Contains('.', StringComparison.Ordinal) ? type : EventTypes.AzureMLPrefix + type;

    /// <summary>JSON over several lines.</summary>
    public static string Pretty(JsonElement element) => element.ValueKind == JsonValueKind.Undefined ? "" : JsonSerializer.Serialize(element, Indented);

    /// <summary>Reads a stored envelope.</summary>
    public static JsonElement Parse(string envelope)
    {
        using var document = JsonDocument.Parse(envelope, JsonLimits.Document);
        return document.RootElement.Clone();
    }
}
