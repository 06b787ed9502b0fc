using Dapr.Client;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.State;

namespace MLEvents.Ledger.Activity;

/// <summary>Publishes events of actions on <see cref="Topics.WorkflowActivity"/> and <see cref="Topics.Approvals"/>. Events that callers publish at the same time share a call.</summary>
internal sealed partial class ActivityPublisher(
    DaprClient dapr, IOptions<LedgerOptions> options, TimeProvider time, CallTimeout timeout, ILogger<ActivityPublisher> logger)
{
    /// <summary>How long the service makes no call to a topic after a failed call. Without this pause, each action would wait until its own call fails.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(10);

    private readonly ActivityTopic _activity = new(Topics.WorkflowActivity, dapr, time, timeout, MaxCallTime(options.Value.Lease));
    private readonly ActivityTopic _approvals = new(Topics.Approvals, dapr, time, timeout, MaxCallTime(options.Value.Lease));

    /// <summary>
    /// The longest time of a call to the broker: a third of the lease, but 10 s at most. The lease is not renewed during the call, and a third of the lease may be over when the
    /// call begins. If the broker does not answer, a third of the lease is therefore left when the call fails.
    /// </summary>
    public static TimeSpan MaxCallTime(TimeSpan lease) => lease / 3 < LongestCall ? lease / 3 : LongestCall;

    /// <summary>Publishes events. The events of the same topic are published in the given order. The id of each event is derived from its action, so a repetition has the same id.</summary>
    /// <returns>False if the broker did not accept all of them. Some of them may have been published.</returns>
    public async Task<bool> TryPublishAsync(IReadOnlyList<ActivityEvent> events, CancellationToken cancellationToken)
    {
        var calls = events.GroupBy(activity => activity.Topic).Select(topic => TryPublishAsync(PublisherOf(topic.Key), [.. topic], cancellationToken));
        return Array.TrueForAll(await Task.WhenAll(calls), isPublished => isPublished);
    }

    private ActivityTopic PublisherOf(string topic) => topic == Topics.Approvals ? _approvals : _activity;

    private async Task<bool> TryPublishAsync(ActivityTopic publisher, IReadOnlyList<ActivityEvent> events, CancellationToken cancellationToken)
    {
        if (publisher.IsPaused)
        {
            return false;
        }

        try
        {
            await publisher.PublishAsync(events, cancellationToken);
            return true;
        }
        catch (Exception exception) when (DaprFailures.IsTransient(exception))
        {
            LogNotPublished(publisher.Topic, exception.Message);
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Events were not published on topic '{Topic}': {Reason}. They are stored with their actions and published later; the actions continue. Check the broker: the topic may be full")]
    private partial void LogNotPublished(string topic, string reason);
}
