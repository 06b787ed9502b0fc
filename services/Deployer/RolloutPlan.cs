using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

using Azure.Core;

using MLEvents.Events;
using MLEvents.Rules.Rollouts;

namespace MLEvents.Deployer;

/// <summary>The plan of a roll-out in its ledger record: the model, the target and the strategy. All templates are rendered.</summary>
/// <remarks>If the stored JSON lacks a member, the generated JSON code sets the member to null or 0. A member with another default therefore turns null or 0 into its default.</remarks>
internal sealed record RolloutPlan
{
    /// <summary>ARM id of the workspace.</summary>
    public required string WorkspaceId { get; init; }

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The model's version.</summary>
    public required string Version { get; init; }

    /// <summary>Whether the first step replaces <see cref="Version"/> with the newest version of the model.</summary>
    public bool IsLatest { get; init; }

    /// <summary>ARM id of the registry of the model; null if the model is in the workspace.</summary>
    public string? RegistryId { get; init; }

    /// <summary>The endpoint's name.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The deployment's name. The name of a new deployment is derived from the action, so that a repeated step does not create a second deployment.</summary>
    public required string Deployment { get; init; }

    /// <summary>The region of a new endpoint.</summary>
    public required string Location { get; init; }

    /// <summary>The instance type; null for the default of a Kubernetes cluster.</summary>
    public string? InstanceType { get; init; }

    /// <summary>The number of instances.</summary>
    public required int InstanceCount { get; init; }

    /// <summary>The autoscale setting of the deployment; null if the number of instances is fixed.</summary>
    public Autoscale? Autoscale { get; init; }

    /// <summary>The authentication of callers of a new endpoint.</summary>
    public required string AuthMode { get; init; }

    /// <summary>The new deployment's final share of the traffic, in percent.</summary>
    public required int Traffic { get; init; }

    /// <summary>The properties of the deployment from the rule's deployment file, in the form of the REST API; null if there is no file.</summary>
    public JsonObject? Properties { get; init; }

    /// <summary>ARM id of the Kubernetes cluster of a new endpoint; null for a managed endpoint.</summary>
    public string? ComputeId { get; init; }

    /// <summary>ARM ids of the user-assigned identities of a new endpoint; empty for a system-assigned identity.</summary>
    public IReadOnlyList<string> Identities { get; init => field = value ?? []; } = [];

    /// <summary>ARM id of the environment version; null for the environment in the deployment file.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>ARM id of the scoring code; null for none.</summary>
    public string? CodeId { get; init; }

    /// <summary>The script within the scoring code; null for none.</summary>
    public string? ScoringScript { get; init; }

    /// <summary>The rule's tags for the deployment.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>Conditions that the model must meet when the roll-out begins; null for none.</summary>
    public ModelGate? Gate { get; init; }

    /// <summary>The strategy for the deployment's traffic; null if the traffic moves to <see cref="Traffic"/> in one step.</summary>
    public RolloutStrategy? Strategy { get; init; }

    /// <summary>The kind of work.</summary>
    public RolloutPurpose Purpose { get; init; }

    /// <summary>Whether the rule or its deployment file names an environment.</summary>
    [JsonIgnore]
    public bool HasEnvironment => (EnvironmentId ?? (string?)Properties?["environmentId"]) is not null;

    /// <summary>Whether the deployment runs on the user's Kubernetes cluster instead of instances of Azure.</summary>
    [JsonIgnore]
    public bool IsOnKubernetes => ComputeId is not null || (string?)Properties?["endpointComputeType"] == "Kubernetes";

    /// <summary>The name of the model. A roll-out of a newer version of this model supersedes the action. Empty if no version supersedes the action.</summary>
    [JsonIgnore]
    public string SupersedingModel => Purpose == RolloutPurpose.Rollout ? Model : "";

    /// <summary>Whether the action goes through the queue of its endpoint.</summary>
    [JsonIgnore]
    public bool IsQueued => Strategy is not null || Purpose != RolloutPurpose.Rollout;

    /// <summary>The name of the lock on the endpoint's traffic. One roll-out at a time holds the lock.</summary>
    [JsonIgnore]
    public string TrafficLock => $"{WorkspaceId}/onlineEndpoints/{Endpoint}/traffic";

    /// <summary>The workspace, for the Azure client.</summary>
    [JsonIgnore]
    public ResourceIdentifier Workspace => new(WorkspaceId);

    /// <summary>The workspace or registry that contains the model.</summary>
    [JsonIgnore]
    public ResourceIdentifier ModelContainer => new(RegistryId ?? WorkspaceId);

    public JsonElement ToJson() => JsonSerializer.SerializeToElement(this, RolloutPlanJson.Default.RolloutPlan);

    /// <summary>Reads a record's plan.</summary>
    /// <exception cref="JsonException">The JSON is not a plan of the deployer.</exception>
    public static RolloutPlan Read(JsonElement plan) =>
        plan.Deserialize(RolloutPlanJson.Default.RolloutPlan) ?? throw new JsonException("The record has no plan.");
}

/// <summary>The kind of work of an action.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RolloutPurpose>))]
internal enum RolloutPurpose
{
    /// <summary>Rolls a model version out.</summary>
    Rollout,

    /// <summary>Gives a deployment all traffic again, at an operator's request.</summary>
    Rollback,

    /// <summary>Deletes the deployments that the rule no longer needs, some time after the roll-out.</summary>
    Retirement,
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = JsonLimits.MaxDepth)]
[JsonSerializable(typeof(RolloutPlan))]
internal sealed partial class RolloutPlanJson : JsonSerializerContext;
