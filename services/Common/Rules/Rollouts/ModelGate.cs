using System.Text.Json.Serialization;

namespace MLEvents.Rules.Rollouts;

/// <summary>What the model must be when the roll-out begins, read from Azure at that time.</summary>
public sealed record ModelGate
{
    /// <summary>Values by tag, compared ignoring case; each tag must have one of its values.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Tags { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Values by property, compared ignoring case.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Properties { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Stages, one of which the model must be in, compared ignoring case; empty for any.</summary>
    public IReadOnlyList<string> Stages { get; init; } = [];

    /// <summary>Bounds of the model's metrics.</summary>
    public IReadOnlyList<ModelMetric> Metrics { get; init; } = [];
}

/// <summary>The bounds of a metric that a training wrote to the properties or tags of the model or of its job.</summary>
public sealed record ModelMetric
{
    /// <summary>The name; the property may be called so, or <c>metrics.</c> and the name.</summary>
    public required string Name { get; init; }

    /// <summary>The least value; null for none.</summary>
    public double? Min { get; init; }

    /// <summary>The largest value; null for none.</summary>
    public double? Max { get; init; }

    /// <summary>How much worse than the model in service it may be; null does not compare.</summary>
    public double? NotWorseThanCurrent { get; init; }

    /// <summary>Which of two values is the better one. Default <see cref="MetricDirection.Higher"/>.</summary>
    public MetricDirection Better { get; init; }
}

/// <summary>Which of two values of a metric is the better one.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MetricDirection>))]
public enum MetricDirection
{
    /// <summary>The higher one, as for accuracy.</summary>
    Higher,

    /// <summary>The lower one, as for an error.</summary>
    Lower,
}
