using System.Text.Json.Nodes;

namespace MLEvents.Local.Simulator.Scoring;

/// <summary>How a deployment answers scoring requests. The default echoes the input after 10 ms.</summary>
/// <param name="Answer">The body of successful answers; null to echo the input.</param>
/// <param name="Latency">Time until an answer.</param>
/// <param name="FailureRate">Share of requests that fail, 0 to 1.</param>
/// <param name="FailureStatus">Status of failed requests. Azure answers 424 when the model's container fails.</param>
/// <param name="FromTraffic">Latency and failures apply only while the deployment has at least this percentage of the traffic.</param>
/// <param name="NoMetrics">Whether the deployment has no metrics.</param>
/// <param name="Metrics">Fixed values of metrics by name. They replace the values that are derived from requests.</param>
internal sealed record ScoringBehavior(
    JsonNode? Answer, TimeSpan Latency, double FailureRate, int FailureStatus, int FromTraffic, bool NoMetrics, IReadOnlyDictionary<string, double> Metrics)
{
    /// <summary>Latency without a setting.</summary>
    public static readonly TimeSpan DefaultLatency = TimeSpan.FromMilliseconds(10);

    /// <summary>The behavior without any setting.</summary>
    public static readonly ScoringBehavior Default = new(null, DefaultLatency, 0, StatusCodes.Status424FailedDependency, 0, false, new Dictionary<string, double>());

    /// <summary>The behavior while the deployment has a percentage of the traffic.</summary>
    public ScoringBehavior At(int traffic) => traffic >= FromTraffic ? this : this with { Latency = DefaultLatency, FailureRate = 0 };
}
