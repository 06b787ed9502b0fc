using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

using MLEvents.AzureML.Resilience;
using MLEvents.Events;

namespace MLEvents.AzureML;

/// <summary>The addresses of Azure, the credential, the allowed resources, and the limits of calls.</summary>
public sealed class AzureMLOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "AzureML";

    private Uri? _endpoint;
    private string? _audience;
    private Uri? _dataFactoryBase;

    /// <summary>The cloud. It sets the defaults of the addresses below. Default <see cref="AzureCloud.AzurePublicCloud"/>.</summary>
    [EnumDataType(typeof(AzureCloud))]
    public AzureCloud Cloud { get; set; }

    /// <summary>The address of Azure Resource Manager. Default: its address in the cloud, for instance https://management.azure.com/. Plain http is allowed only for this machine, in Development.</summary>
    public Uri Endpoint { get => _endpoint ?? CloudAddresses.For(Cloud).Endpoint; set => _endpoint = value; }

    /// <summary>The audience of the tokens. Default: the address of the cloud's Resource Manager, even if <see cref="Endpoint"/> has another value.</summary>
    [Required]
    public string Audience { get => _audience ?? CloudAddresses.For(Cloud).Endpoint.ToString(); set => _audience = value; }

    /// <summary>The address of the Data Factory portal, for links. Default: its address in the cloud, for instance https://adf.azure.com/.</summary>
    public Uri DataFactoryBase { get => _dataFactoryBase ?? CloudAddresses.For(Cloud).DataFactory; set => _dataFactoryBase = value; }

    /// <summary>The kind of the credential. Default <see cref="AzureCredential.Default"/>.</summary>
    [EnumDataType(typeof(AzureCredential))]
    public AzureCredential Credential { get; set; }

    /// <summary>The client id of a user-assigned managed identity or of the workload identity. Default: none, so the system-assigned identity or the environment's workload identity is used.</summary>
    public string? ClientId { get; set; }

    /// <summary>
    /// The workspaces in which the service may act: ARM ids in which <c>*</c> stands for any characters of a segment.
    /// Required outside Development. In Development the default, an empty list, allows every workspace.
    /// </summary>
    public IList<string> Workspaces { get; } = [];

    /// <summary>
    /// The Data Factory factories in which the service may act, written like <see cref="Workspaces"/>.
    /// Default an empty list, which allows every factory in Development and none elsewhere.
    /// </summary>
    public IList<string> Factories { get; } = [];

    /// <summary>
    /// The registries whose models the service may read, written like <see cref="Workspaces"/>.
    /// Default an empty list, which allows every registry in Development and none elsewhere.
    /// </summary>
    public IList<string> Registries { get; } = [];

    /// <summary>
    /// Further hosts that may receive scoring requests and invocations. <c>*</c> stands for any characters. Endpoints on Kubernetes need this setting.
    /// Default: none, so only the managed online endpoints and the batch endpoints of the cloud are allowed, such as
    /// <c>churn.westeurope.inference.ml.azure.com</c>. Only https addresses are allowed, except the address of a simulator on this machine.
    /// </summary>
    public IList<string> ScoringHosts { get; } = [];

    /// <summary>The timeout of a scoring request whose caller sets none, 0.1 s to 5 min. Default 60 s.</summary>
    [TimeRange("00:00:00.1", "00:05:00")]
    public TimeSpan ScoringTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Limits of calls to Azure Resource Manager (jobs, models, endpoints, deployments, metrics), and to the MLflow tracking servers.</summary>
    [Required, ValidateObjectMembers]
    public AzureResilienceOptions Arm { get; set; } = new();

    /// <summary>Limits of calls to Data Factory.</summary>
    [Required, ValidateObjectMembers]
    public AzureResilienceOptions DataFactory { get; set; } = new();

    /// <summary>
    /// Limits of calls to batch endpoints. Default: 60 s for an attempt and 2 min for a call. These times are longer than for other calls, because after a timeout the service
    /// must search for the job.
    /// </summary>
    [Required, ValidateObjectMembers]
    public AzureResilienceOptions BatchEndpoints { get; set; } = new() { AttemptTimeout = TimeSpan.FromMinutes(1), TotalTimeout = TimeSpan.FromMinutes(2) };
}

[OptionsValidator]
internal sealed partial class AzureMLOptionsValidator : IValidateOptions<AzureMLOptions>;

/// <summary>The kinds of credentials for Azure.</summary>
public enum AzureCredential
{
    /// <summary>The first of these that works: environment variables, workload identity, managed identity, Azure CLI, Azure Developer CLI.</summary>
    Default,

    /// <summary>The managed identity of the machine or container app. It is a user-assigned identity if <see cref="AzureMLOptions.ClientId"/> is set.</summary>
    ManagedIdentity,

    /// <summary>The federated token of a Kubernetes service account.</summary>
    WorkloadIdentity,

    /// <summary>A fixed token that only a simulator accepts. It is refused outside Development and for an endpoint that is not on this machine.</summary>
    Local,
}
