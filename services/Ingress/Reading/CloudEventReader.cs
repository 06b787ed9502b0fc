using System.Diagnostics;
using System.Text.Json;

using MLEvents.Events;

namespace MLEvents.Ingress.Reading;

/// <summary>Reads a CloudEvent in its JSON form (structured mode, and each of a batch).</summary>
/// <seealso href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md"/>
internal static class CloudEventReader
{
    private static readonly HashSet<string> Own = ["specversion", "id", "source", "type", "subject", "time", "data", "traceid", "traceparent", "tracestate"];

    public static (PublishedEvent? Event, string? Error) Read(JsonElement element)
    {
        if (Attribute.Required(element, "id", "source", "type") is { } error)
        {
            return (null, error);
        }

        if (Attribute.Text(element, "specversion") is not "1.0" and var version)
        {
            return (null, $"'specversion' is '{version}'; only 1.0 is understood");
        }

        return (new PublishedEvent
        {
            Id = Attribute.Text(element, "id"),
            SpecVersion = "1.0",
            Source = new Uri(Attribute.Text(element, "source"), UriKind.RelativeOrAbsolute),
            Type = Attribute.Text(element, "type"),
            Subject = Attribute.Text(element, "subject"),
            Time = Attribute.Time(element, "time"),
            Data = element.TryGetProperty("data", out var data) ? data.Clone() : null,
            TraceParent = Attribute.Text(element, "traceparent") is { Length: > 0 } parent ? parent : Activity.Current?.Id,
            TraceState = Attribute.Text(element, "tracestate") is { Length: > 0 } state ? state : null,
            Attributes = Others(element),
        }, null);
    }

    // JSON allows a name twice; as everywhere in System.Text.Json, the last one counts.
    private static Dictionary<string, JsonElement> Others(JsonElement element)
    {
        var others = new Dictionary<string, JsonElement>();
        foreach (var property in element.EnumerateObject().Where(property => IsOther(property.Name)))
        {
            others[property.Name] = property.Value.Clone();
        }

        return others;
    }

    // That a replay is forced is an operator's to say, not a sender's.
    private static bool IsOther(string name) => !Own.Contains(name) && name != ForcedReplay.Attribute;
}
