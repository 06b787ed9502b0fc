namespace MLEvents.Events;

/// <summary>Builds the addresses of pages in Azure Machine Learning studio.</summary>
/// <remarks>Azure does not document these addresses. Azure ML itself prints addresses of this form for runs, and Microsoft's tools use them for endpoints and models.</remarks>
public static class StudioLinks
{
    /// <summary>The studio of Azure's public cloud, https://ml.azure.com/.</summary>
    public static Uri PublicStudio { get; } = new("https://ml.azure.com/");

    /// <summary>The page of a job or run.</summary>
    /// <param name="studio">The address of the studio, which differs between clouds.</param>
    /// <param name="workspace">The run's workspace.</param>
    /// <param name="runId">The run's id, or the job's name.</param>
    public static Uri Run(Uri studio, Workspace workspace, string runId) => Page(studio, $"runs/{Escape(runId)}", ShortId(workspace));

    /// <summary>The page of a model version.</summary>
    /// <param name="studio">The address of the studio, which differs between clouds.</param>
    /// <param name="workspace">The model's workspace.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="version">The version.</param>
    public static Uri Model(Uri studio, Workspace workspace, string name, string version) =>
        Page(studio, $"model/{Escape(name)}:{Escape(version)}/details", ShortId(workspace));

    /// <summary>The page of an online endpoint.</summary>
    /// <param name="studio">The address of the studio, which differs between clouds.</param>
    /// <param name="workspace">The endpoint's workspace.</param>
    /// <param name="name">The endpoint's name.</param>
    public static Uri OnlineEndpoint(Uri studio, Workspace workspace, string name) => Page(studio, $"endpoints/realtime/{Escape(name)}/detail", workspace.ArmId);

    /// <summary>The page for an event: the page of its run, model or endpoint; otherwise the page of its workspace; otherwise the studio.</summary>
    /// <param name="studio">The address of the studio, which differs between clouds.</param>
    /// <param name="workflowEvent">The event.</param>
    public static Uri ForEvent(Uri studio, WorkflowEvent workflowEvent) => Workspace.TryReadNames(workflowEvent.Source, out var workspace)
        ? PageOf(studio, workspace, workflowEvent) ?? Page(studio, "", ShortId(workspace))
        : studio;

    private static Uri? PageOf(Uri studio, Workspace workspace, WorkflowEvent workflowEvent) => workflowEvent.Type switch
    {
        // A dataset monitor (v1) has no page of its own, so the link leads to the run that detected the drift.
        EventTypes.RunCompleted or EventTypes.RunStatusChanged or EventTypes.DatasetDriftDetected when Text(workflowEvent, "runId") is { } run =>
            Run(studio, workspace, run),
        EventTypes.ModelRegistered when (Text(workflowEvent, "modelName"), Text(workflowEvent, "modelVersion")) is ({ } name, { } version) =>
            Model(studio, workspace, name, version),
        EventTypes.ModelDeployed when Text(workflowEvent, "serviceName") is { } endpoint => OnlineEndpoint(studio, workspace, endpoint),
        _ => null,
    };

    private static string? Text(WorkflowEvent workflowEvent, string name) =>
        JsonText.TryMember(workflowEvent.Data, name, out var value) && JsonText.Plain(value) is { Length: > 0 } text ? text : null;

    private static Uri Page(Uri studio, string path, string workspaceId) => new($"{studio.AbsoluteUri.TrimEnd('/')}/{path}?wsid={EscapePath(workspaceId)}");

    private static string ShortId(Workspace workspace) => $"/subscriptions/{workspace.SubscriptionId}/resourcegroups/{workspace.ResourceGroup}/workspaces/{workspace.Name}";

    // RFC 3986, section 3.4 allows a slash in a query, and Azure's own links contain it.
    private static string EscapePath(string path) => string.Join('/', path.Split('/').Select(Escape));

    private static string Escape(string text) => Uri.EscapeDataString(text);
}
