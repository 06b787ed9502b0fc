using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Events;

namespace MLEvents.Ledger.Activity;

/// <summary>An event of an action, as it is published: the action changed, an approval is requested, or an approval is decided.</summary>
/// <remarks><c>DaprClient</c> publishes Dapr's own type as a CloudEvent and keeps its id. Other types are wrapped into another event.</remarks>
[JsonConverter(typeof(ActivityEventConverter))]
internal sealed class ActivityEvent(string topic, byte[] json) : Dapr.CloudEvent
{
    /// <summary>The topic of the event.</summary>
    public string Topic => topic;

    /// <summary>The CloudEvents envelope in UTF-8.</summary>
    public byte[] Json => json;

    /// <summary>Creates the event of a state. The time of the state <c>accepted</c> is that of the record, because this state can be published later, together with the next state.</summary>
    public static ActivityEvent From(ActionRecord record, DateTimeOffset now)
    {
        var activity = new ActionChanged(
            record.Service, record.Rule, record.Id, record.StatusName, record.Stage, record.Attempt, record.CorrelationId,
            record.ReadEventReference(), record.Detail, record.Links)
        {
            RuleVersion = record.RuleVersion,
            Generation = record.Generation,
            Path = Lineage.Format(record.FullPath),
            Intervention = record.Intervention,
        };
        var envelope = new Dapr.CloudEvent<ActionChanged>(activity)
        {
            // Actions that rules request because of the activity belong to the trace of the event.
            TraceParent = EventTrace.ParentOf(record.Event),
            Id = string.Create(CultureInfo.InvariantCulture, $"{record.Id}-{record.Generation}-{record.StatusName}-{record.Stage}-{record.Attempt}"),
            SpecVersion = "1.0",
            Source = new Uri($"/mlevents/{record.Service}", UriKind.RelativeOrAbsolute),
            Type = EventTypes.ActionChanged,
            Subject = $"actions/{record.Id}",
            Time = record.Status == ActionStatus.Accepted ? record.CreatedAt : now,
        };
        return new ActivityEvent(Topics.WorkflowActivity, JsonSerializer.SerializeToUtf8Bytes(envelope, ActivityJson.Default.CloudEventActionChanged));
    }
}

/// <summary>Writes the envelope unchanged.</summary>
internal sealed class ActivityEventConverter : JsonConverter<ActivityEvent>
{
    public override ActivityEvent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Events are published, not received, in this form.");

    public override void Write(Utf8JsonWriter writer, ActivityEvent value, JsonSerializerOptions options) => writer.WriteRawValue(value.Json, skipInputValidation: true);
}

/// <summary>The JSON contract of the events.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Dapr.CloudEvent<ActionChanged>))]
[JsonSerializable(typeof(Dapr.CloudEvent<ApprovalRequested>))]
[JsonSerializable(typeof(Dapr.CloudEvent<ApprovalDecided>))]
internal sealed partial class ActivityJson : JsonSerializerContext;
