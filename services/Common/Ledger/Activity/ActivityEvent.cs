using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

using MLEvents.Events;

namespace MLEvents.Ledger.Activity;

/// <summary>An event of an action, as it is published: the action changed, an approval is requested, or an approval is decided.</summary>
/// <remarks>An object of type <see cref="Dapr.CloudEvent"/> is published as it is, with its id. Dapr wraps an object of any other type into a new CloudEvent.</remarks>
[JsonConverter(typeof(ActivityEventConverter))]
internal sealed class ActivityEvent(string topic, byte[] json) : Dapr.CloudEvent
{
    /// <summary>The topic of the event.</summary>
    public string Topic => topic;

    /// <summary>The CloudEvents envelope in UTF-8.</summary>
    public byte[] Json => json;

    /// <summary>
    /// Creates the event that reports the record's status. An event with the status <c>accepted</c> has the record's creation time, because it can be published later,
    /// together with the event of the next status.
    /// </summary>
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
            // An action that a rule requests because of this ActionChanged event belongs to the trace of the event that started the current action.
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
