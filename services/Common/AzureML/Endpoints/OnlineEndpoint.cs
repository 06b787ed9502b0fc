using System.Text.Json.Nodes;

namespace MLEvents.AzureML;

/// <summary>An online endpoint as Azure Machine Learning reports it.</summary>
/// <param name="Name">The endpoint's name.</param>
/// <param name="ProvisioningState">One of <see cref="AzureML.ProvisioningState"/>.</param>
/// <param name="Location">Azure region; deployments must be in the same.</param>
/// <param name="AuthMode"><c>Key</c>, <c>AMLToken</c> or <c>AADToken</c>.</param>
/// <param name="Traffic">Deployment name to percentage of the calls, possibly empty.</param>
/// <param name="ScoringUri">Where the endpoint is called; <see langword="null"/> until it is made.</param>
/// <param name="Tags">The endpoint's tags, possibly empty.</param>
/// <param name="Raw">The whole resource, unknown members included.</param>
public sealed record OnlineEndpoint(
    string Name,
    string ProvisioningState,
    string Location,
    string AuthMode,
    IReadOnlyDictionary<string, int> Traffic,
    Uri? ScoringUri,
    IReadOnlyDictionary<string, string> Tags,
    JsonObject Raw);
