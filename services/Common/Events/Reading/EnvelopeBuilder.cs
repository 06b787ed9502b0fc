using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace MLEvents.Events.Reading;

/// <summary>Checks the members of a CloudEvent and writes the envelope that is published. Values are copied byte for byte.</summary>
/// <seealso href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md"/>
internal static class EnvelopeBuilder
{
    /// <summary>
    /// The prefix that is added to the name of a sender's attribute if the sidecar, the broker or this system reserves that name. The renamed attribute keeps its value and has no effect.
    /// </summary>
    public const string SenderPrefix = "sender";

    // Dapr overwrites `topic`, `pubsubname` and `traceid`, and drops a message whose `expiration` has passed. ForcedReplay.Attribute requests a forced replay, which only an operator may request.
    private static readonly string[] Reserved = ["topic", "pubsubname", "traceid", "expiration", ForcedReplay.Attribute];

    /// <summary>Reads a CloudEvent in its JSON form: structured mode, or an element of a batch.</summary>
    public static (EventEnvelope? Envelope, string? Error) ReadCloudEvent(JsonElement json)
    {
        // JSON allows duplicate names. As elsewhere in System.Text.Json, the last one counts. A null attribute counts as not set; a null `data` is a value.
        var members = new Dictionary<string, JsonElement>();
        foreach (var member in json.EnumerateObject())
        {
            members[member.Name] = member.Value;
        }

        foreach (var name in members.Where(member => member is { Value.ValueKind: JsonValueKind.Null, Key: not "data" }).Select(member => member.Key).ToList())
        {
            members.Remove(name);
        }

        return Build(members, name => name);
    }

    /// <summary>Builds the envelope.</summary>
    /// <param name="members">The CloudEvents attributes, and <c>data</c> or <c>data_base64</c>.</param>
    /// <param name="nameOf">Maps the CloudEvents name of an attribute to the name in the sender's schema, for error texts.</param>
    public static (EventEnvelope? Envelope, string? Error) Build(Dictionary<string, JsonElement> members, Func<string, string> nameOf)
    {
        if ((RenameReserved(members) ?? AttributeCheck.FindFault(members, nameOf)) is { } fault)
        {
            return (null, fault);
        }

        if (members.TryGetValue("subject", out var subject) && subject.ValueEquals(""))
        {
            members.Remove("subject");
        }

        return (new EventEnvelope(AttributeCheck.Text(members, "id"), AttributeCheck.Text(members, "source"), AttributeCheck.Text(members, "type"), Write(members)), null);
    }

    private static string? RenameReserved(Dictionary<string, JsonElement> members)
    {
        foreach (var name in Reserved)
        {
            if (members.Remove(name, out var value) && !members.TryAdd(SenderPrefix + name, value))
            {
                return $"the attribute '{name}' is reserved and would be renamed to '{SenderPrefix}{name}', but the event already has '{SenderPrefix}{name}'; rename one of them";
            }
        }

        return null;
    }

    private static ReadOnlyMemory<byte> Write(Dictionary<string, JsonElement> members)
    {
        var trace = TraceOf(members);
        var size = members.Sum(member => member.Key.Length + JsonMarshal.GetRawUtf8Value(member.Value).Length + 4);
        var buffer = new ArrayBufferWriter<byte>(size + 128);
        using var writer = new Utf8JsonWriter(buffer, JsonLimits.Writer);
        writer.WriteStartObject();
        foreach (var (name, value) in members)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
        }

        if (trace is not null)
        {
            writer.WriteString("traceparent", trace);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    // Returns the traceparent to add; null if the event has a valid traceparent, or if there is no current activity. A missing or invalid trace context is replaced by the context of
    // the current activity, as W3C Trace Context requires. Brokers and sidecars copy the context into headers, where an invalid value could make the delivery fail.
    private static string? TraceOf(Dictionary<string, JsonElement> members)
    {
        if (ActivityContext.TryParse(AttributeCheck.Text(members, "traceparent"), null, out _))
        {
            return null;
        }

        members.Remove("traceparent");
        members.Remove("tracestate");
        return Activity.Current?.Id;
    }
}
