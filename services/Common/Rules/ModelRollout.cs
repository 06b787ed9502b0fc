using MLEvents.Rules.Templates;

namespace MLEvents.Rules;

/// <summary>Where a model is rolled out to: an online endpoint, and the deployment made in it.</summary>
public sealed record ModelRollout
{
    /// <summary>The endpoint's name.</summary>
    public required Template Endpoint { get; init; }

    /// <summary>The Azure region in which a missing endpoint is created.</summary>
    public required string Location { get; init; }

    /// <summary>The size of the machines. Default <c>Standard_DS3_v2</c>.</summary>
    public string InstanceType { get; init; } = "Standard_DS3_v2";

    /// <summary>How many machines, 1 to 100. Default 1.</summary>
    public int InstanceCount { get; init; } = 1;

    /// <summary>How callers of a new endpoint prove who they are. Default <see cref="EndpointAuthMode.Key"/>.</summary>
    public EndpointAuthMode AuthMode { get; init; } = EndpointAuthMode.Key;

    /// <summary>The share of the endpoint's traffic that the new deployment gets in the end, 0 to 100 percent. Default 100.</summary>
    public int Traffic { get; init; } = 100;

    /// <summary>The ARM id of the environment version, which models other than MLflow's need; null for none.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The scoring code, which models other than MLflow's need; null for none.</summary>
    public ScoringCode? CodeConfiguration { get; init; }

    /// <summary>Tags by name, put on the deployment.</summary>
    public IReadOnlyDictionary<string, Template> Tags { get; init; } = new Dictionary<string, Template>();
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
