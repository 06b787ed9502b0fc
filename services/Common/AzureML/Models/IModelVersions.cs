using Azure.Core;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Models;

/// <summary>Versions of registered models (the operations <c>ModelVersions_*</c> and <c>ModelContainers_Get</c>).</summary>
public interface IModelVersions
{
    /// <summary>Reads one version; <see langword="null"/> if it does not exist.</summary>
    /// <param name="container">The ARM id of the workspace or registry.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="version">The version.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task<ModelVersion?> GetAsync(ResourceIdentifier container, string name, string version, CancellationToken cancellationToken);

    /// <summary>Reads which version of a model is the latest; <see langword="null"/> if the model does not exist or has no version.</summary>
    /// <param name="container">The ARM id of the workspace or registry.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task<string?> FindLatestAsync(ResourceIdentifier container, string name, CancellationToken cancellationToken);

    /// <summary>Reads all versions of a model, page by page, in Azure's order; empty if the model does not exist.</summary>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task<IReadOnlyList<ModelVersion>> ListAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken);
}

/// <summary>One version of a registered model.</summary>
/// <param name="Id">ARM id of the version.</param>
/// <param name="Name">The model's name.</param>
/// <param name="Version">The version. It is usually a number, but may be any text.</param>
/// <param name="ModelType"><c>mlflow_model</c>, <c>custom_model</c>, <c>triton_model</c>, in Azure's spelling; <see langword="null"/> if the answer contains no type.</param>
/// <param name="Tags">Tags of the version, case-sensitive, possibly empty.</param>
/// <param name="Properties">Properties of the version, case-sensitive, possibly empty.</param>
/// <param name="JobName">The job that created the version; <see langword="null"/> if none is known.</param>
/// <param name="IsArchived">Whether the version is archived: it still exists, but should not be used.</param>
public sealed record ModelVersion(
    ResourceIdentifier Id,
    string Name,
    string Version,
    string? ModelType,
    IReadOnlyDictionary<string, string> Tags,
    IReadOnlyDictionary<string, string> Properties,
    string? JobName,
    bool IsArchived = false)
{
    /// <summary>The stage of the version, such as <c>Production</c>; <see langword="null"/> if it has none.</summary>
    public string? Stage { get; init; }

    /// <summary>The id by which a deployment refers to the model: the ARM id, or <c>azureml://registries/…</c> for a model of a registry.</summary>
    public string AssetId => IsInRegistry ? $"azureml://registries/{Id.Parent?.Parent?.Name}/models/{Name}/versions/{Version}" : Id.ToString();

    /// <summary>Whether the model is in a registry, not in a workspace.</summary>
    public bool IsInRegistry => Id.Parent?.Parent?.ResourceType == ArmIds.RegistryType;

    /// <summary>Whether the model is an MLflow model, which a managed online endpoint serves without environment and scoring script.</summary>
    public bool IsMLflow => IsOfType("mlflow_model", "MLFlowModel");

    /// <summary>Whether the model is a Triton model, which a managed online endpoint serves without environment and scoring script.</summary>
    public bool IsTriton => IsOfType("triton_model", "TritonModel");

    private bool IsOfType(params ReadOnlySpan<string> spellings)
    {
        foreach (var spelling in spellings)
        {
            if (spelling.Equals(ModelType, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
