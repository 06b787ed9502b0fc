namespace MLEvents.Deployer.Watching;

/// <summary>The measured values for a threshold.</summary>
/// <param name="Value">The average of the new deployment in the step; null if there are no values.</param>
/// <param name="Requests">The number of requests that the new deployment answered in the step; 0 if the threshold does not require a number of requests.</param>
/// <param name="Current">
/// The average of the deployment in service; null if there are no values, no deployment is in service, or the threshold does not compare with it.
/// </param>
/// <param name="HasCurrent">Whether a deployment was in service before the roll-out.</param>
internal sealed record MetricReading(double? Value, double Requests, double? Current, bool HasCurrent)
{
    /// <summary>The values of the minutes of the step, oldest first. They are the evidence if a threshold is crossed.</summary>
    public IReadOnlyList<double> ByMinute { get; init; } = [];
}
