using System.Globalization;

using Dapr.Client;

using MLEvents.Events;

namespace MLEvents.Ledger.Activity;

/// <summary>Publishes changes of actions on <see cref="Topics.WorkflowActivity"/>.</summary>
internal sealed class ActivityPublisher(DaprClient dapr, TimeProvider time)
{
    /// <summary>Publishes the state of an action. The id of the event is derived from the state, so a repetition after a crash is the same event.</summary>
    public Task PublishAsync(ActionRecord record, CancellationToken cancellationToken)
    {
        var activity = new ActionChanged(
            record.Service, record.Rule, record.Id, record.StatusName, record.Stage, record.Attempt, record.CorrelationId,
            record.ReadEventReference(), record.Detail, record.Links)
        {
            RuleVersion = record.RuleVersion,
        };
        var envelope = new Dapr.CloudEvent<ActionChanged>(activity)
        {
            Id = $"{record.Id}-{record.StatusName}-{record.Stage}-{record.Attempt.ToString(CultureInfo.InvariantCulture)}",
            SpecVersion = "1.0",
            Source = new Uri($"/mlevents/{record.Service}", UriKind.RelativeOrAbsolute),
            Type = EventTypes.ActionChanged,
            Subject = $"actions/{record.Id}",
            Time = time.GetUtcNow(),
        };
        return dapr.PublishEventAsync(Topics.PubSub, Topics.WorkflowActivity, envelope, cancellationToken);
    }
}
