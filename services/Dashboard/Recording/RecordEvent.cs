using MLEvents.Dashboard.History;
using MLEvents.Events;

namespace MLEvents.Dashboard.Recording;

/// <summary>Stores the events of all event topics.</summary>
internal sealed class RecordEvent(HistoryWriter writer, TimeProvider time) : ITopicHandler
{
    public Task HandleAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken) =>
        writer.WriteAsync(EventEntries.From(workflowEvent, time.GetUtcNow()), cancellationToken);
}
