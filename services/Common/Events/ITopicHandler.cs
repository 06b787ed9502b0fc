namespace MLEvents.Events;

/// <summary>Handles the events of a topic. The broker redelivers an event after a crash, and duplicates can be handled concurrently, so a handler must be idempotent.</summary>
public interface ITopicHandler
{
    /// <summary>Handles one delivery.</summary>
    /// <returns>A task that completes when the effect of the event, or the record that guarantees it, is durable.</returns>
    Task HandleAsync(WorkflowEvent workflowEvent, CancellationToken cancellationToken);
}
