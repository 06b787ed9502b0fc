using System.Text.Json.Serialization;

namespace MLEvents.Rules.Rollouts;

/// <summary>A metric of the new deployment and the bounds within which its average over a step must stay.</summary>
public sealed record MetricThreshold
{
    /// <summary>The name of the share of failed requests, which is calculated from <c>RequestsPerMinute</c> by status code.</summary>
    public const string RequestErrors = "RequestErrors";

    /// <summary>The name of an Azure Monitor metric of online endpoints or deployments, or <see cref="RequestErrors"/>.</summary>
    public required string Name { get; init; }

    /// <summary>The smallest value, in the metric's unit; null for none.</summary>
    public double? Min { get; init; }

    /// <summary>The largest value, in the metric's unit; null for none.</summary>
    public double? Max { get; init; }

    /// <summary>The largest share of the requests, 0 to 100 percent; null for none. For <see cref="RequestErrors"/> only.</summary>
    public double? MaxPercent { get; init; }

    /// <summary>The largest ratio to the value of the deployment in service, such as 1.2; null for none. If that value is 0, only 0 passes.</summary>
    public double? MaxRatio { get; init; }

    /// <summary>How many requests the new deployment must have answered before the value counts, 0 to 1,000,000. Default 0.</summary>
    public int MinRequests { get; init; }

    /// <summary>The result if, at the end of a step, the metric has no value or fewer than <see cref="MinRequests"/> requests were answered. Default <see cref="MissingData.Fail"/>.</summary>
    public MissingData NoData { get; init; }
}

/// <summary>The result of a check whose metric has no value, or whose deployment answered too few requests.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MissingData>))]
public enum MissingData
{
    /// <summary>The check fails, because the state of the deployment is unknown.</summary>
    Fail,

    /// <summary>The check passes. This value is for endpoints that have times without requests.</summary>
    Pass,
}
