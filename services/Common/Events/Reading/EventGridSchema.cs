using System.Text.Json;

namespace MLEvents.Events.Reading;

/// <summary>Reads an event of the Event Grid schema.</summary>
/// <seealso href="https://learn.microsoft.com/azure/event-grid/event-schema"/>
internal static class EventGridSchema
{
    private static readonly JsonElement Version = JsonSerializer.SerializeToElement("1.0", EventsJson.Default.String);
    private static readonly JsonElement JsonContentType = JsonSerializer.SerializeToElement("application/json", EventsJson.Default.String);

    // The CloudEvents attributes, with the corresponding names of the Event Grid schema.
    private static readonly Dictionary<string, string> Names = new()
    {
        ["id"] = "id",
        ["source"] = "topic",
        ["type"] = "eventType",
        ["subject"] = "subject",
        ["time"] = "eventTime",
        ["dataversion"] = "dataVersion",
        ["data"] = "data",
    };

    public static (EventEnvelope? Envelope, string? Error) Read(JsonElement json)
    {
        var members = new Dictionary<string, JsonElement> { ["specversion"] = Version, ["datacontenttype"] = JsonContentType };
        foreach (var (name, eventGridName) in Names)
        {
            if (json.TryGetProperty(eventGridName, out var value) && !IsUnset(name, value))
            {
                members[name] = value;
            }
        }

        return EnvelopeBuilder.Build(members, name => Names.GetValueOrDefault(name, name));
    }

    private static bool IsUnset(string name, JsonElement value) =>
        (value.ValueKind == JsonValueKind.Null && name != "data") || (name is "dataversion" && value.ValueKind == JsonValueKind.String && value.ValueEquals(""));
}
