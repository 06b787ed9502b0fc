using MLEvents.Dashboard.History;
using MLEvents.Events;

namespace MLEvents.Dashboard.Recording;

/// <summary>Stores the questions of actions that wait for an approval. Events of other types are skipped, so that services can be upgraded before the dashboard.</summary>
internal sealed partial class RecordApproval(HistoryWriter writer, TimeProvider time, ILogger<RecordApproval> logger) : ITopicHandler
{
    /// <summary>Stores a question.</summary>
    /// <exception cref="ArgumentException">The data is not a valid question. The message goes to the dead letters.</exception>
    public Task HandleAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        if (workflowEvent.Type != EventTypes.ApprovalRequested)
        {
            LogUnknown(workflowEvent.Type, workflowEvent.Id);
            return Task.CompletedTask;
        }

        var asked = ActivityData.Read(workflowEvent, DashboardJson.Default.ApprovalRequested);
        return asked is { ActionId.Length: > 0, Service.Length: > 0, Rule: not null, CorrelationId: not null, From: not null, Before: not null, Evidence: not null, OnTimeout: not null, Links: not null, Event: { Id: not null, Source: not null, Type: not null, Subject: not null } }
            ? writer.WriteAsync(ApprovalEntries.From(asked, workflowEvent.Time ?? time.GetUtcNow()), cancellationToken)
            : throw new ArgumentException($"The data of event {workflowEvent.Id} must contain the service, the rule, the action, its chain, its event, the step that waits, the people who are asked, the evidence, the result of a timeout and the links.", nameof(workflowEvent));
    }

    [LoggerMessage(1, LogLevel.Debug, "Event {EventId} on the topic of approvals is not stored, because its type {Type} is unknown")]
    private partial void LogUnknown(string type, string eventId);
}
