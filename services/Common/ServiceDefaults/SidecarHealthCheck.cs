using Dapr;
using Dapr.Client;

using Grpc.Core;

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MLEvents.ServiceDefaults;

/// <summary>
/// Reports not ready while the Dapr sidecar is unreachable, is not healthy or refuses the service's token, and <c>degraded</c> while the sidecar has no subscriptions.
/// The service itself keeps running, waits and recovers.
/// </summary>
internal sealed class SidecarHealthCheck(DaprClient dapr, SubscriptionMonitor subscriptions) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!await dapr.CheckOutboundHealthAsync(cancellationToken))
        {
            return NotReady(context, "the Dapr sidecar does not answer or is not healthy; check DAPR_HTTP_ENDPOINT and that the sidecar runs");
        }

        try
        {
            // The health routes of the sidecar need no token, but this call does.
            await dapr.GetMetadataAsync(cancellationToken);
            return subscriptions.Result;
        }
        catch (DaprException exception) when (exception.InnerException is RpcException { StatusCode: StatusCode.Unauthenticated })
        {
            return NotReady(context, "the Dapr sidecar refuses the token of this service; set DAPR_API_TOKEN to the same value for the sidecar and this service");
        }
        catch (DaprException exception)
        {
            return NotReady(context, $"the Dapr sidecar does not answer a gRPC call; check DAPR_GRPC_ENDPOINT: {exception.InnerException?.Message ?? exception.Message}");
        }
    }

    private static HealthCheckResult NotReady(HealthCheckContext context, string reason) => new(context.Registration.FailureStatus, reason);
}
