using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

using MLEvents.Events;

namespace MLEvents.Rules.Plans;

/// <summary>The plan of a retraining in its ledger record, with every template rendered.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(JobPlan), "pipelineJob")]
[JsonDerivedType(typeof(FactoryPlan), "dataFactory")]
[JsonDerivedType(typeof(BatchPlan), "batchEndpoint")]
public abstract record RetrainingPlan
{
    /// <summary>The policy for restarting a run that ended without success; null for no restart.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>How long a run may take before it is cancelled; null for <c>Retrainer:LongestRun</c>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The plan as the ledger stores it.</summary>
    public JsonElement ToJson() => JsonSerializer.SerializeToElement(this, RetrainingPlanJson.Default.RetrainingPlan);

    /// <summary>Reads a record's plan.</summary>
    /// <exception cref="JsonException">The JSON is not a plan of the retrainer.</exception>
    /// <exception cref="NotSupportedException">The plan does not name its kind.</exception>
    public static RetrainingPlan Read(JsonElement plan) =>
        plan.Deserialize(RetrainingPlanJson.Default.RetrainingPlan) ?? throw new JsonException("The record has no plan.");
}

/// <summary>A job of Azure Machine Learning.</summary>
/// <param name="WorkspaceId">ARM id of the workspace.</param>
/// <param name="Job">The job's <c>properties</c>, without the tags that identify the action.</param>
public sealed record JobPlan(string WorkspaceId, JsonObject Job) : RetrainingPlan;

/// <summary>A run of a Data Factory pipeline.</summary>
/// <param name="PipelineId">ARM id of the pipeline.</param>
/// <param name="Parameters">The rule's parameters, without those that identify the action.</param>
public sealed record FactoryPlan(string PipelineId, JsonObject Parameters) : RetrainingPlan;

/// <summary>An invocation of a batch endpoint.</summary>
/// <param name="WorkspaceId">ARM id of the workspace.</param>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Invocation">The <c>properties</c> of the invocation, without the values that identify the action.</param>
public sealed record BatchPlan(string WorkspaceId, string Endpoint, JsonObject Invocation) : RetrainingPlan
{
    /// <summary>The deployment; null for the endpoint's default deployment.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Deployment { get; init; }

    /// <summary>The input that receives the id of the run; null if there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ActionInput { get; init; }

    /// <summary>The experiment that the rule names; null for the experiment of the endpoint.</summary>
    [JsonIgnore]
    public string? ExperimentName => (Invocation["properties"] as JsonObject)?["experimentName"]?.ToString();
}

/// <summary>The JSON contract of stored plans. A store can return the members in another order than it received them.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, AllowOutOfOrderMetadataProperties = true, MaxDepth = JsonLimits.MaxDepth)]
[JsonSerializable(typeof(RetrainingPlan))]
public sealed partial class RetrainingPlanJson : JsonSerializerContext;
