using Dapr.Client;

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MLEvents.ServiceDefaults;

/// <summary>Not ready while the Dapr sidecar is away; the service itself stays up, waits and recovers.</summary>
internal sealed class SidecarHealthCheck(DaprClient dapr) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await dapr.CheckOutboundHealthAsync(cancellationToken)
            ? HealthCheckResult.Healthy("the Dapr sidecar answers")
            : new HealthCheckResult(
                context.Registration.FailureStatus,
                "the Dapr sidecar does not answer; check DAPR_HTTP_ENDPOINT and that the sidecar runs");
}
