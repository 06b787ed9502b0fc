using Azure.Core;

using MLEvents.AzureML.Connection;

namespace MLEvents.AzureML.DataFactory;

/// <summary>Builds the addresses of pages in the Data Factory portal. Azure does not document these addresses.</summary>
public static class DataFactoryLinks
{
    /// <summary>The page of a pipeline run.</summary>
    /// <param name="portal">The address of the portal, <see cref="AzureMLOptions.DataFactoryBase"/>.</param>
    /// <param name="factory">ARM id of the factory, or of one of its pipelines.</param>
    /// <param name="runId">The run's id.</param>
    public static Uri Run(Uri portal, ResourceIdentifier factory, string runId) =>
        new(portal, $"monitoring/pipelineruns/{Uri.EscapeDataString(runId)}?factory={EscapePath(ArmIds.ForFactory(factory).ToString())}");

    // RFC 3986, section 3.4 allows a slash in a query, and Azure's own links contain it.
    private static string EscapePath(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
}
