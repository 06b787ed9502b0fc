using System.Text.Json.Nodes;

using MLEvents.Events;
using MLEvents.Rules.Jobs;
using MLEvents.Rules.Reading;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules;

/// <summary>The run that a retraining rule starts.</summary>
public abstract record RetrainingRun
{
    /// <summary>The workspace of the run; null for the workspace of the event.</summary>
    public Workspace? Workspace { get; init; }
}

/// <summary>A job of Azure Machine Learning.</summary>
public sealed record JobRun : RetrainingRun
{
    internal JobRun(JobDefinition definition) => Definition = definition;

    internal JobDefinition Definition { get; }

    /// <summary>The job file, relative to the rules folder.</summary>
    public required string File { get; init; }

    /// <summary>Inputs by name: each renders to the value of a literal input, or to the path of an input of another type.</summary>
    public IReadOnlyDictionary<string, Template> Inputs { get; init; } = new Dictionary<string, Template>();

    /// <summary>The job's experiment; null for the experiment that the job file names.</summary>
    public Template? ExperimentName { get; init; }

    /// <summary>The job's display name; null for the display name that the job file gives.</summary>
    public Template? DisplayName { get; init; }

    /// <summary>Tags by name, added to those of the job file.</summary>
    public IReadOnlyDictionary<string, Template> Tags { get; init; } = new Dictionary<string, Template>();

    /// <summary>A new copy of the job: the <c>properties</c> of <c>Jobs_CreateOrUpdate</c>. References to resources of the job's workspace are not resolved yet.</summary>
    internal JsonObject CreateJob() => Definition.Properties.DeepClone().AsObject();
}

/// <summary>A run of a Data Factory pipeline.</summary>
public sealed record DataFactoryRun : RetrainingRun
{
    /// <summary>The ARM id of the pipeline.</summary>
    public required string PipelineId { get; init; }

    /// <summary>The factory's Azure subscription.</summary>
    public required string SubscriptionId { get; init; }

    /// <summary>The factory's resource group.</summary>
    public required string ResourceGroup { get; init; }

    /// <summary>The factory's name.</summary>
    public required string Factory { get; init; }

    /// <summary>The pipeline's name.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The pipeline's parameters by name, each with its own type.</summary>
    public IReadOnlyDictionary<string, ValueTemplate> Parameters { get; init; } = new Dictionary<string, ValueTemplate>();
}
