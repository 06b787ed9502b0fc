using System.Diagnostics;
using System.Text.Json;

namespace MLEvents.Ingress.Reading;

/// <summary>Reads an event of the Event Grid schema.</summary>
/// <seealso href="https://learn.microsoft.com/azure/event-grid/event-schema"/>
internal static class EventGridReader
{
    private static readonly JsonElement JsonContentType = JsonSerializer.SerializeToElement("application/json");

    public static (PublishedEvent? Event, string? Error) Read(JsonElement element)
    {
        if (Attribute.Required(element, "id", "eventType", "topic") is { } error)
        {
            return (null, error);
        }

        var attributes = new Dictionary<string, JsonElement> { ["datacontenttype"] = JsonContentType };
        if (Attribute.Text(element, "dataVersion") is { Length: > 0 } dataVersion)
        {
            attributes["dataversion"] = JsonSerializer.SerializeToElement(dataVersion);
        }

        return (new PublishedEvent
        {
            Id = Attribute.Text(element, "id"),
            SpecVersion = "1.0",
            Source = new Uri(Attribute.Text(element, "topic"), UriKind.RelativeOrAbsolute),
            Type = Attribute.Text(element, "eventType"),
            Subject = Attribute.Text(element, "subject"),
            Time = Attribute.Time(element, "eventTime"),
            TraceParent = Activity.Current?.Id,
            Data = element.TryGetProperty("data", out var data) ? data.Clone() : null,
            Attributes = attributes,
        }, null);
    }
}
