using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Endpoints;

/// <summary>Deployments of an online endpoint (the <c>OnlineDeployments_*</c> operations). Writes do not wait for the end of the change: poll <see cref="GetAsync"/>.</summary>
public interface IOnlineDeployments
{
    /// <summary>Reads a deployment, with the error of its last change if this change failed; <see langword="null"/> if the deployment does not exist.</summary>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task<OnlineDeployment?> GetAsync(ResourceIdentifier workspace, string endpoint, string name, CancellationToken cancellationToken);

    /// <summary>Reads all deployments of an endpoint, page by page; empty if the endpoint does not exist. The errors of failed deployments are not read.</summary>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task<IReadOnlyList<OnlineDeployment>> ListAsync(ResourceIdentifier workspace, string endpoint, CancellationToken cancellationToken);

    /// <summary>Starts to create or update a deployment and does not wait for the end, which takes minutes. A repetition with the same content changes nothing.</summary>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task BeginCreateOrUpdateAsync(ResourceIdentifier workspace, string endpoint, string name, OnlineDeploymentSpec spec, CancellationToken cancellationToken);

    /// <summary>Starts to delete a deployment and does not wait for the end. A deployment that does not exist is not an error. The deployment must have no traffic.</summary>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task DeleteAsync(ResourceIdentifier workspace, string endpoint, string name, CancellationToken cancellationToken);

    /// <summary>Reads the last lines of a container's log, which show why a deployment failed.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="name">The deployment.</param>
    /// <param name="container">One of <see cref="DeploymentContainer"/>.</param>
    /// <param name="tail">The number of lines, at least 1.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task<string> GetLogsAsync(ResourceIdentifier workspace, string endpoint, string name, string container, int tail, CancellationToken cancellationToken);
}

/// <summary>A deployment of an online endpoint as Azure Machine Learning reports it.</summary>
/// <param name="Name">The deployment's name.</param>
/// <param name="ProvisioningState">One of <see cref="Endpoints.ProvisioningState"/>.</param>
/// <param name="ModelId">ARM id of the served model version; <see langword="null"/> if there is none or Azure does not report it.</param>
/// <param name="Tags">The deployment's tags, possibly empty.</param>
/// <param name="Raw">The whole resource, unknown members included.</param>
/// <param name="Error">
/// The error of the last change; <see langword="null"/> if the change did not fail, if Azure does not report the error, or if the deployment was read by
/// <see cref="IOnlineDeployments.ListAsync"/>.
/// </param>
public sealed record OnlineDeployment(
    string Name,
    string ProvisioningState,
    string? ModelId,
    IReadOnlyDictionary<string, string> Tags,
    JsonObject Raw,
    ArmError? Error);

/// <summary>The desired state of an online deployment. MLflow and Triton models need neither environment nor code.</summary>
/// <param name="ModelId">ARM id of the model version.</param>
/// <param name="InstanceType">Size of a machine, for instance <c>Standard_DS3_v2</c>; <see langword="null"/> for the default of a Kubernetes cluster.</param>
/// <param name="InstanceCount">The number of machines, at least 1.</param>
/// <param name="Location">The Azure region of the endpoint.</param>
/// <param name="EnvironmentId">ARM id of the environment version; none by default.</param>
/// <param name="CodeConfiguration">The scoring code; none by default.</param>
/// <param name="Tags">Tags of the deployment; none by default.</param>
/// <param name="Properties">
/// Further properties in the form of the REST API. Without <c>endpointComputeType</c>, the deployment is managed. Parameters that are not null override these
/// properties.
/// </param>
public sealed record OnlineDeploymentSpec(
    string ModelId,
    string? InstanceType,
    int InstanceCount,
    string Location,
    string? EnvironmentId = null,
    CodeConfiguration? CodeConfiguration = null,
    IReadOnlyDictionary<string, string>? Tags = null,
    JsonObject? Properties = null);

/// <summary>The code that handles scoring requests.</summary>
/// <param name="CodeId">ARM id of the code version.</param>
/// <param name="ScoringScript">The name of the script in the code, for instance <c>score.py</c>.</param>
public sealed record CodeConfiguration(string CodeId, string ScoringScript);

/// <summary>The containers of a deployment that have a log.</summary>
public static class DeploymentContainer
{
    /// <summary>The container that loads the model and the code before the server starts.</summary>
    public const string StorageInitializer = "StorageInitializer";

    /// <summary>The container that serves the model.</summary>
    public const string InferenceServer = "InferenceServer";
}
