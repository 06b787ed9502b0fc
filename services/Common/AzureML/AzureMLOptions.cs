using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

using MLEvents.AzureML.Resilience;

namespace MLEvents.AzureML;

/// <summary>Where Azure is and how to reach it.</summary>
public sealed class AzureMLOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "AzureML";

    private Uri? _endpoint;
    private string? _audience;
    private Uri? _dataFactoryBase;

    /// <summary>The cloud, which sets the default of all addresses below. Default <see cref="AzureCloud.AzurePublicCloud"/>.</summary>
    [EnumDataType(typeof(AzureCloud))]
    public AzureCloud Cloud { get; set; }

    /// <summary>Azure Resource Manager. Default that of the cloud, https://management.azure.com/. Plain http only for this machine, in Development.</summary>
    public Uri Endpoint { get => _endpoint ?? CloudAddresses.For(Cloud).Endpoint; set => _endpoint = value; }

    /// <summary>What tokens are asked for. Default the cloud's Resource Manager, whatever <see cref="Endpoint"/> is.</summary>
    [Required]
    public string Audience { get => _audience ?? CloudAddresses.For(Cloud).Endpoint.ToString(); set => _audience = value; }

    /// <summary>The Data Factory portal that links point into. Default that of the cloud, https://adf.azure.com/.</summary>
    public Uri DataFactoryBase { get => _dataFactoryBase ?? CloudAddresses.For(Cloud).DataFactory; set => _dataFactoryBase = value; }

    /// <summary>How the services prove themselves. Default <see cref="AzureCredential.Default"/>.</summary>
    [EnumDataType(typeof(AzureCredential))]
    public AzureCredential Credential { get; set; }

    /// <summary>Client id of a user-assigned managed identity or of the workload identity. Default none: the system-assigned one, or what the environment says.</summary>
    public string? ClientId { get; set; }

    /// <summary>
    /// The workspaces that the service may act in: ARM ids in which <c>*</c> stands for any characters of a segment.
    /// Required outside Development. In Development the default, an empty list, allows every workspace.
    /// </summary>
    public IList<string> Workspaces { get; } = [];

    /// <summary>
    /// The Data Factory factories that the service may act in, written like <see cref="Workspaces"/>.
    /// Default an empty list, which allows every factory in Development and none elsewhere.
    /// </summary>
    public IList<string> Factories { get; } = [];

    /// <summary>
    /// The registries whose models the service may read, written like <see cref="Workspaces"/>.
    /// Default an empty list, which allows every registry in Development and none elsewhere.
    /// </summary>
    public IList<string> Registries { get; } = [];

    /// <summary>
    /// Further hosts that scoring requests and invocations may go to, in which <c>*</c> stands for any characters; needed for endpoints on Kubernetes.
    /// Default none: only the managed online endpoints and the batch endpoints of the cloud, such as <c>churn.westeurope.inference.ml.azure.com</c>. https is required in any case.
    /// </summary>
    public IList<string> ScoringHosts { get; } = [];

    /// <summary>Longest time of a scoring request whose caller sets none, 0.1 s to 5 min. Default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan ScoringTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Limits of calls to Azure Resource Manager (jobs, models, endpoints, deployments, metrics), and to the MLflow tracking servers.</summary>
    [Required, ValidateObjectMembers]
    public AzureResilienceOptions Arm { get; set; } = new();

    /// <summary>Limits of calls to Data Factory.</summary>
    [Required, ValidateObjectMembers]
    public AzureResilienceOptions DataFactory { get; set; } = new();

    /// <summary>Limits of calls to batch endpoints. Default an attempt of 60 s and 2 min in all, because the job of an answer that comes too late must be looked for.</summary>
    [Required, ValidateObjectMembers]
    public AzureResilienceOptions BatchEndpoints { get; set; } = new() { AttemptTimeout = TimeSpan.FromMinutes(1), TotalTimeout = TimeSpan.FromMinutes(2) };
}

[OptionsValidator]
internal sealed partial class AzureMLOptionsValidator : IValidateOptions<AzureMLOptions>;

/// <summary>How the services prove themselves to Azure.</summary>
public enum AzureCredential
{
    /// <summary>What the surroundings offer, first that works: environment variables, workload identity, managed identity, Azure CLI.</summary>
    Default,

    /// <summary>The managed identity of the machine or container app; a user-assigned one when <see cref="AzureMLOptions.ClientId"/> is set.</summary>
    ManagedIdentity,

    /// <summary>The federated token of a Kubernetes service account.</summary>
    WorkloadIdentity,

    /// <summary>A fixed token that only a simulator accepts. Refused outside Development and for any endpoint that is not on this machine.</summary>
    Local,
}
