using Azure.Core;

namespace MLEvents.AzureML;

/// <summary>Addresses of pages for people: the Azure Machine Learning studio and the Data Factory portal. Observed, not documented by Azure.</summary>
public static class StudioLinks
{
    private static readonly Uri DefaultStudio = new("https://ml.azure.com/");
    private static readonly Uri DefaultDataFactory = new("https://adf.azure.com/");

    /// <summary>The page of a run or job. Prefer <see cref="Job.StudioUrl"/> when the job was read anyway.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="runId">The run.</param>
    /// <param name="studio">Base address, <see cref="AzureMLOptions.StudioBase"/>. Default https://ml.azure.com/.</param>
    public static Uri Run(ResourceIdentifier workspace, string runId, Uri? studio = null) =>
        new(studio ?? DefaultStudio, $"runs/{Escape(runId)}?wsid={ShortId(workspace)}");

    /// <summary>The page of a model version.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="name">The model.</param>
    /// <param name="version">The version.</param>
    /// <param name="studio">Base address. Default https://ml.azure.com/.</param>
    public static Uri Model(ResourceIdentifier workspace, string name, string version, Uri? studio = null) =>
        new(studio ?? DefaultStudio, $"model/{Escape(name)}:{Escape(version)}/details?wsid={ShortId(workspace)}");

    /// <summary>The page of an online endpoint.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="name">The endpoint.</param>
    /// <param name="studio">Base address. Default https://ml.azure.com/.</param>
    public static Uri OnlineEndpoint(ResourceIdentifier workspace, string name, Uri? studio = null) =>
        new(studio ?? DefaultStudio, $"endpoints/realtime/{Escape(name)}/detail?wsid={EscapePath(workspace.ToString())}");

    /// <summary>The page of a Data Factory run.</summary>
    /// <param name="factory">ARM id of the factory, or of one of its pipelines.</param>
    /// <param name="runId">The run.</param>
    /// <param name="portal">Base address, <see cref="AzureMLOptions.DataFactoryBase"/>. Default https://adf.azure.com/.</param>
    public static Uri DataFactoryRun(ResourceIdentifier factory, string runId, Uri? portal = null) =>
        new(portal ?? DefaultDataFactory, $"monitoring/pipelineruns/{Escape(runId)}?factory={EscapePath(ArmIds.Factory(factory).ToString())}");

    private static string ShortId(ResourceIdentifier workspace) => EscapePath(
        $"/subscriptions/{workspace.SubscriptionId}/resourcegroups/{workspace.ResourceGroupName}/workspaces/{workspace.Name}");

    private static string Escape(string text) => Uri.EscapeDataString(text);

    // A slash may stand in a query as it is (RFC 3986, 3.4), and Azure's own links leave it so.
    private static string EscapePath(string text) => Escape(text).Replace("%2F", "/", StringComparison.Ordinal);
}
