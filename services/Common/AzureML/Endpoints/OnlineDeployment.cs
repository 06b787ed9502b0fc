using System.Text.Json.Nodes;

namespace MLEvents.AzureML;

/// <summary>A deployment of an online endpoint as Azure Machine Learning reports it.</summary>
/// <param name="Name">The deployment's name.</param>
/// <param name="ProvisioningState">One of <see cref="AzureML.ProvisioningState"/>.</param>
/// <param name="ModelId">ARM id of the model version served; <see langword="null"/> when it serves none or does not say.</param>
/// <param name="Tags">The deployment's tags, possibly empty.</param>
/// <param name="Raw">The whole resource, unknown members included.</param>
/// <param name="Error">Why the last change failed, when it did and Azure tells; otherwise <see langword="null"/>.</param>
public sealed record OnlineDeployment(
    string Name,
    string ProvisioningState,
    string? ModelId,
    IReadOnlyDictionary<string, string> Tags,
    JsonObject Raw,
    ArmError? Error);
