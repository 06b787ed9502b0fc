using Microsoft.Extensions.Diagnostics.HealthChecks;

using Polly.CircuitBreaker;

namespace MLEvents.AzureML.Resilience;

/// <summary>
/// Reports <c>degraded</c> while the circuit breaker of a dependency is open or half open. While the circuit is open, calls to the dependency fail at once, and
/// the actions that need the dependency wait. The service stays ready.
/// </summary>
internal sealed class AzureCircuitHealthCheck(AzureCircuits circuits) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var interrupted = circuits.Interrupted;
        return Task.FromResult(interrupted.Count == 0
            ? HealthCheckResult.Healthy("all circuits are closed")
            : HealthCheckResult.Degraded($"actions wait: {string.Join(" and ", interrupted.Select(Describe))}; after 'BreakDuration', the next successful call closes the circuit"));
    }

    private static string Describe((string Dependency, CircuitState State) circuit) =>
        $"the circuit of {circuit.Dependency} is {(circuit.State == CircuitState.HalfOpen ? "half open" : "open")}";
}
