using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Endpoints;

/// <summary>Deployments of an online endpoint (the <c>OnlineDeployments_*</c> operations). Writes are only begun: poll <see cref="GetAsync"/>.</summary>
public interface IOnlineDeployments
{
    /// <summary>Reads a deployment, with the error of its last change when that failed; <see langword="null"/> when there is none.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task<OnlineDeployment?> GetAsync(ResourceIdentifier workspace, string endpoint, string name, CancellationToken cancellationToken);

    /// <summary>Reads all deployments of an endpoint, page by page; empty when there is no such endpoint. Errors of failed deployments are not looked up.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task<IReadOnlyList<OnlineDeployment>> ListAsync(ResourceIdentifier workspace, string endpoint, CancellationToken cancellationToken);

    /// <summary>Begins to make or change a deployment and does not wait (it takes minutes). Repeating it with the same content is harmless.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task BeginCreateOrUpdateAsync(ResourceIdentifier workspace, string endpoint, string name, OnlineDeploymentSpec spec, CancellationToken cancellationToken);

    /// <summary>Begins to take a deployment away and does not wait; one that is gone already is no error. It must have no traffic.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task DeleteAsync(ResourceIdentifier workspace, string endpoint, string name, CancellationToken cancellationToken);

    /// <summary>Reads the last lines of a container's log, which tell why a deployment failed.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="name">The deployment.</param>
    /// <param name="container">One of <see cref="DeploymentContainer"/>.</param>
    /// <param name="tail">How many lines, at least 1.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task<string> GetLogsAsync(ResourceIdentifier workspace, string endpoint, string name, string container, int tail, CancellationToken cancellationToken);
}

/// <summary>A deployment of an online endpoint as Azure Machine Learning reports it.</summary>
/// <param name="Name">The deployment's name.</param>
/// <param name="ProvisioningState">One of <see cref="Endpoints.ProvisioningState"/>.</param>
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

/// <summary>What an online deployment shall be. Models of MLflow and Triton need neither environment nor code.</summary>
/// <param name="ModelId">ARM id of the model version.</param>
/// <param name="InstanceType">Size of a machine, for example <c>Standard_DS3_v2</c>; <see langword="null"/> for the default of a Kubernetes cluster.</param>
/// <param name="InstanceCount">How many machines, at least 1.</param>
/// <param name="Location">Azure region, that of the endpoint.</param>
/// <param name="EnvironmentId">ARM id of the environment version; none by default.</param>
/// <param name="CodeConfiguration">The scoring code; none by default.</param>
/// <param name="Tags">Tags of the deployment; none by default.</param>
/// <param name="Properties">Further properties as the REST API takes them, <c>endpointComputeType</c> among them; a managed deployment by default. The other parameters override them.</param>
public sealed record OnlineDeploymentSpec(
    string ModelId,
    string? InstanceType,
    int InstanceCount,
    string Location,
    string? EnvironmentId = null,
    CodeConfiguration? CodeConfiguration = null,
    IReadOnlyDictionary<string, string>? Tags = null,
    JsonObject? Properties = null);

/// <summary>The code that answers scoring calls.</summary>
/// <param name="CodeId">ARM id of the code version.</param>
/// <param name="ScoringScript">Name of the script in it, for example <c>score.py</c>.</param>
public sealed record CodeConfiguration(string CodeId, string ScoringScript);

/// <summary>The containers of a deployment that keep a log.</summary>
public static class DeploymentContainer
{
    /// <summary>Fetches model and code before the server starts.</summary>
    public const string StorageInitializer = "StorageInitializer";

    /// <summary>Serves the model.</summary>
    public const string InferenceServer = "InferenceServer";
}
