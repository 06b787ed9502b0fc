using MLEvents.Events;

namespace MLEvents.Rules;

/// <summary>Addresses of pages in Azure Machine Learning studio. They are observed, not documented by Azure.</summary>
internal static class StudioLink
{
    /// <summary>The page that an event is about: a run, a model or an endpoint; else the workspace's; else the studio.</summary>
    public static string For(WorkflowEvent workflowEvent, Workspace? workspace, string studioBase)
    {
        var root = studioBase.TrimEnd('/');
        return workspace is null ? root : $"{root}{PathOf(workflowEvent) ?? "/"}?wsid={IdOf(workspace)}";
    }

    private static string? PathOf(WorkflowEvent workflowEvent) => workflowEvent.Type switch
    {
        // A v1 monitor has no page of its own; the run that saw the drift has.
        EventTypes.RunCompleted or EventTypes.RunStatusChanged or EventTypes.DatasetDriftDetected when Member(workflowEvent, "runId") is { } run => $"/runs/{run}",
        EventTypes.ModelRegistered when (Member(workflowEvent, "modelName"), Member(workflowEvent, "modelVersion")) is ({ } name, { } version) => $"/model/{name}:{version}/details",
        EventTypes.ModelDeployed when Member(workflowEvent, "serviceName") is { } endpoint => $"/endpoints/realtime/{endpoint}/detail",
        _ => null,
    };

    private static string? Member(WorkflowEvent workflowEvent, string name) =>
        JsonText.TryMember(workflowEvent.Data, name, out var value) && JsonText.Plain(value) is { Length: > 0 } text ? Uri.EscapeDataString(text) : null;

    private static string IdOf(Workspace workspace) => string.Join('/', workspace.ArmId.Split('/').Select(Uri.EscapeDataString));
}
