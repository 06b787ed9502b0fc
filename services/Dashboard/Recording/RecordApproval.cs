using MLEvents.Dashboard.History;
using MLEvents.Events;

namespace MLEvents.Dashboard.Recording;

/// <summary>Stores questions about actions that wait for an approval. Other types are skipped, so that services can be upgraded first.</summary>
internal sealed partial class RecordApproval(HistoryWriter writer, TimeProvider time, ILogger<RecordApproval> logger) : ITopicHandler
{
    /// <exception cref="ArgumentException">The data is no question; the message goes to the dead letters.</exception>
    public Task HandleAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken)
    {
        if (workflowEvent.Type != EventTypes.ApprovalRequested)
        {
            LogUnknown(workflowEvent.Type, workflowEvent.Id);
            return Task.CompletedTask;
        }

        var asked = ActivityData.Read<ApprovalRequested>(workflowEvent);
        return asked is { ActionId.Length: > 0, Service.Length: > 0, Rule: not null, CorrelationId: not null, From: not null, Before: not null, Evidence: not null, OnTimeout: not null, Links: not null, Event: { Id: not null, Source: not null, Type: not null, Subject: not null } }
            ? writer.WriteAsync(ApprovalEntries.From(asked, workflowEvent.Time ?? time.GetUtcNow()), cancellationToken)
            : throw new ArgumentException($"The data of event {workflowEvent.Id} does not name the service, the action, whom it asks and its evidence.", nameof(workflowEvent));
    }

    [LoggerMessage(1, LogLevel.Debug, "An event of type {Type} on the topic of approvals is not stored: {EventId}")]
    private partial void LogUnknown(string type, string eventId);
}
