using MLEvents.Dashboard.History;
using MLEvents.Events;
using MLEvents.Rules.Plans;

namespace MLEvents.Dashboard.Recording;

/// <summary>Creates the history entries of events.</summary>
internal static class EventEntries
{
    public static EventEntry From(WorkflowEvent workflowEvent, DateTimeOffset receivedAt)
    {
        var model = RegisteredModel.From(workflowEvent) ?? DeployedModel(workflowEvent);
        return new(
            new StoredEvent
            {
                Key = EventKey.From(workflowEvent.Source, workflowEvent.Id),
                Id = workflowEvent.Id,
                Source = workflowEvent.Source,
                Type = workflowEvent.Type,
                Subject = workflowEvent.Subject,
                Workspace = Workspace.TryReadNames(workflowEvent.Source, out var workspace) ? workspace.Name : workflowEvent.Source,
                Model = model?.Name ?? "",
                ModelVersion = model?.Version ?? "",
                Time = workflowEvent.Time ?? receivedAt,
                ReceivedAt = receivedAt,
                CorrelationId = Correlation.IdOf(workflowEvent),
                Envelope = workflowEvent.Envelope.GetRawText(),
            },
            SearchTerms.From(workflowEvent));
    }

    // A ModelDeployed event lists the models of an endpoint as name:version, separated by commas. The history assigns the event to the first model.
    private static RegisteredModel? DeployedModel(WorkflowEvent workflowEvent) =>
        workflowEvent.Type == EventTypes.ModelDeployed && JsonText.Text(workflowEvent.Data, "modelIds")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [var first, ..] ? RegisteredModel.Parse(first) : null;
}
