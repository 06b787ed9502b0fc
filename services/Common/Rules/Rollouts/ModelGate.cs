using System.Text.Json.Serialization;

namespace MLEvents.Rules.Rollouts;

/// <summary>Conditions on the model, read from Azure when the roll-out begins.</summary>
/// <remarks>If the stored JSON lacks a member, the generated JSON code sets the member to null or 0. A member with another default therefore turns null or 0 into its default.</remarks>
public sealed record ModelGate
{
    /// <summary>Values by tag, in any letter case; each tag must have one of its values.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Tags { get; init => field = value ?? new Dictionary<string, IReadOnlyList<string>>(); } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Values by property, in any letter case; each property must have one of its values.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Properties { get; init => field = value ?? new Dictionary<string, IReadOnlyList<string>>(); } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The allowed stages of the model, in any letter case; empty for any.</summary>
    public IReadOnlyList<string> Stages { get; init => field = value ?? []; } = [];

    /// <summary>Bounds of the model's metrics.</summary>
    public IReadOnlyList<ModelMetric> Metrics { get; init => field = value ?? []; } = [];
}

/// <summary>The bounds of a metric: a number in the properties or tags of the model or of its job, or a metric that the job logged with MLflow.</summary>
public sealed record ModelMetric
{
    /// <summary>The name of the metric. The name of the property or tag can have the prefix <c>metrics.</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The smallest value; null for none.</summary>
    public double? Min { get; init; }

    /// <summary>The largest value; null for none.</summary>
    public double? Max { get; init; }

    /// <summary>How much worse than the model in service the value may be; null for no comparison.</summary>
    public double? NotWorseThanCurrent { get; init; }

    /// <summary>The direction in which a value is better. Default <see cref="MetricDirection.Higher"/>.</summary>
    public MetricDirection Better { get; init; }
}

/// <summary>The direction in which a metric's value is better.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MetricDirection>))]
public enum MetricDirection
{
    /// <summary>A higher value is better, as for accuracy.</summary>
    Higher,

    /// <summary>A lower value is better, as for an error.</summary>
    Lower,
}
