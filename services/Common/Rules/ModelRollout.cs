using MLEvents.Events;
using MLEvents.Rules.Deployments;
using MLEvents.Rules.Rollouts;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules;

/// <summary>The target of a roll-out: an online endpoint, and the deployment that is created in it.</summary>
public sealed record ModelRollout
{
    /// <summary>The endpoint's name.</summary>
    public required Template Endpoint { get; init; }

    /// <summary>The model, <c>name:version</c> or <c>name@latest</c>, for events that do not name a model; null for the model of the event.</summary>
    public Template? Model { get; init; }

    /// <summary>The workspace of the endpoint; null for the workspace of the event.</summary>
    public Workspace? Workspace { get; init; }

    /// <summary>The Azure region in which a missing endpoint is created.</summary>
    public required Template Location { get; init; }

    /// <summary>The instance type; null for the type in the deployment file, or <see cref="DefaultInstanceType"/>.</summary>
    public Template? InstanceType { get; init; }

    /// <summary>The number of instances, 1 to 100; null for the number in the deployment file, the default of <see cref="Autoscale"/>, or 1.</summary>
    public Template? InstanceCount { get; init; }

    /// <summary>The authentication of callers of a new endpoint. Default <see cref="EndpointAuthMode.Key"/>.</summary>
    public EndpointAuthMode AuthMode { get; init; } = EndpointAuthMode.Key;

    /// <summary>The final share of the new deployment in the endpoint's traffic, 0 to 100 percent. Default 100.</summary>
    public int Traffic { get; init; } = 100;

    /// <summary>The environment version: its ARM id or <c>azureml:name:version</c>. Only MLflow and Triton models need none. Null for the version in the deployment file.</summary>
    public Template? EnvironmentId { get; init; }

    /// <summary>The scoring code; null for the code in the deployment file. MLflow and Triton models and environments with a scoring server need none.</summary>
    public ScoringCode? CodeConfiguration { get; init; }

    /// <summary>The autoscale setting of the deployment; null for a constant number of instances. For managed deployments only.</summary>
    public Autoscale? Autoscale { get; init; }

    /// <summary>The tags of the deployment, by name.</summary>
    public IReadOnlyDictionary<string, Template> Tags { get; init; } = new Dictionary<string, Template>();

    /// <summary>The deployment file, relative to the rules folder; null for none.</summary>
    public string? File { get; init; }

    /// <summary>The Kubernetes cluster of a new endpoint, <c>azureml:name</c> or an ARM id; null for a managed endpoint.</summary>
    public string? Compute { get; init; }

    /// <summary>The ARM ids of the user-assigned identities of a new endpoint; empty for a system-assigned identity.</summary>
    public IReadOnlyList<string> Identities { get; init; } = [];

    /// <summary>The instance type if neither the rule nor a deployment file names one.</summary>
    internal const string DefaultInstanceType = "Standard_DS3_v2";

    /// <summary>The largest number of instances of a deployment.</summary>
    internal const int MaxInstances = 100;

    /// <summary>The content of the deployment file; null if there is none.</summary>
    internal DeploymentDefinition? Definition { get; init; }
}

/// <summary>The scoring code for a model that does not include its own.</summary>
/// <param name="CodeId">The ARM id of the code version.</param>
/// <param name="ScoringScript">The script within the code, for instance <c>score.py</c>.</param>
public sealed record ScoringCode(string CodeId, string ScoringScript);

/// <summary>The authentication of an endpoint's callers; names as in ARM.</summary>
public enum EndpointAuthMode
{
    /// <summary>A key of the endpoint.</summary>
    Key,

    /// <summary>A token of Azure Machine Learning, which expires.</summary>
    AMLToken,

    /// <summary>A token of Microsoft Entra ID.</summary>
    AADToken,
}
