using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>Creates an event in the two schemas in which Event Grid delivers it.</summary>
internal static class EventSchemas
{
    /// <summary>Adds the members that Event Grid sets on published events.</summary>
    public static JsonObject Stamp(JsonObject published, string topic, DateTimeOffset now)
    {
        var stamped = published.Normalized();
        stamped["topic"] ??= topic;
        stamped["subject"] ??= "";
        stamped["eventTime"] ??= now.ToAzureTime();
        stamped["id"] ??= Guid.NewGuid().ToString();
        stamped["dataVersion"] ??= "";
        stamped["metadataVersion"] ??= "1";
        return stamped;
    }

    /// <summary>The same event in the CloudEvents 1.0 schema.</summary>
    public static JsonObject ToCloudEvent(JsonObject source) => new()
    {
        ["id"] = source["id"]?.DeepClone(),
        ["source"] = source["topic"]?.DeepClone(),
        ["subject"] = source["subject"]?.DeepClone(),
        ["type"] = source["eventType"]?.DeepClone(),
        ["time"] = source["eventTime"]?.DeepClone(),
        ["specversion"] = "1.0",
        ["data"] = source["data"]?.DeepClone(),
    };
}
