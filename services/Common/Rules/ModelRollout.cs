using MLEvents.Events;
using MLEvents.Rules.Deployments;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules;

/// <summary>Where a model is rolled out to: an online endpoint, and the deployment made in it.</summary>
public sealed record ModelRollout
{
    /// <summary>The endpoint's name.</summary>
    public required Template Endpoint { get; init; }

    /// <summary>The model, <c>name:version</c> or <c>name@latest</c>, for events that name none; null for the model of the event.</summary>
    public Template? Model { get; init; }

    /// <summary>The workspace of the endpoint; null for the one that the event comes from.</summary>
    public Workspace? Workspace { get; init; }

    /// <summary>The Azure region in which a missing endpoint is created.</summary>
    public required Template Location { get; init; }

    /// <summary>The size of the machines; null for that of the deployment file, or <see cref="DefaultInstanceType"/>.</summary>
    public Template? InstanceType { get; init; }

    /// <summary>How many machines, 1 to 100; null for the number in the deployment file, or 1.</summary>
    public Template? InstanceCount { get; init; }

    /// <summary>How callers of a new endpoint prove who they are. Default <see cref="EndpointAuthMode.Key"/>.</summary>
    public EndpointAuthMode AuthMode { get; init; } = EndpointAuthMode.Key;

    /// <summary>The share of the endpoint's traffic that the new deployment gets in the end, 0 to 100 percent. Default 100.</summary>
    public int Traffic { get; init; } = 100;

    /// <summary>The environment version, which models other than those of MLflow and Triton need: its ARM id or <c>azureml:name:version</c>; null for that of the deployment file.</summary>
    public Template? EnvironmentId { get; init; }

    /// <summary>The scoring code, which models other than those of MLflow and Triton need; null for that of the deployment file.</summary>
    public ScoringCode? CodeConfiguration { get; init; }

    /// <summary>Tags by name, put on the deployment.</summary>
    public IReadOnlyDictionary<string, Template> Tags { get; init; } = new Dictionary<string, Template>();

    /// <summary>The deployment file, relative to the rules; null for none.</summary>
    public string? File { get; init; }

    /// <summary>The Kubernetes cluster of a new endpoint, <c>azureml:name</c> or an ARM id; null for a managed endpoint.</summary>
    public string? Compute { get; init; }

    /// <summary>The ARM ids of the user-assigned identities of a new endpoint; empty for its own, system-assigned one.</summary>
    public IReadOnlyList<string> Identities { get; init; } = [];

    /// <summary>The size of the machines if neither the rule nor a deployment file says it.</summary>
    internal const string DefaultInstanceType = "Standard_DS3_v2";

    /// <summary>The most machines of a deployment.</summary>
    internal const int MaxInstances = 100;

    /// <summary>What the deployment file says; null if there is none.</summary>
    internal DeploymentDefinition? Definition { get; init; }
}

/// <summary>The code that scores with a model that brings none of its own.</summary>
/// <param name="CodeId">The ARM id of the code version.</param>
/// <param name="ScoringScript">The script within the code, for instance <c>score.py</c>.</param>
public sealed record ScoringCode(string CodeId, string ScoringScript);

/// <summary>How callers of an endpoint prove who they are; names as in ARM.</summary>
public enum EndpointAuthMode
{
    /// <summary>A key of the endpoint.</summary>
    Key,

    /// <summary>A token of Azure Machine Learning, which expires.</summary>
    AMLToken,

    /// <summary>A token of Microsoft Entra ID.</summary>
    AADToken,
}
