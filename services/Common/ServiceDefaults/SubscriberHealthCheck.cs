using System.Net;

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MLEvents.ServiceDefaults;

/// <summary>The <see cref="SidecarHealthCheck"/> of a service that only receives messages. It asks the HTTP API of the sidecar, so that the service loads no gRPC client, which takes 5 MiB.</summary>
internal sealed class SubscriberHealthCheck(SidecarClient sidecar, SubscriptionMonitor subscriptions) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            // The health routes of the sidecar need no token, but the metadata route needs it.
            return await StatusOfAsync("/v1.0/healthz/outbound", cancellationToken) is { } health && !IsSuccess(health) ? NotReady(context, $"the Dapr sidecar is not healthy and answers {(int)health}")
                : await StatusOfAsync("/v1.0/metadata", cancellationToken) switch
                {
                    HttpStatusCode.Unauthorized => NotReady(context, "the Dapr sidecar refuses the token of this service; set DAPR_API_TOKEN to the same value for the sidecar and this service"),
                    var status when !IsSuccess(status) => NotReady(context, $"the Dapr sidecar answers {(int)status} to a request for its metadata"),
                    _ => subscriptions.Result,
                };
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return NotReady(context, $"the Dapr sidecar does not answer; check DAPR_HTTP_ENDPOINT and that the sidecar runs: {exception.Message}");
        }
    }

    private async Task<HttpStatusCode> StatusOfAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await sidecar.SendAsync(HttpMethod.Get, path, cancellationToken);
        return answer.StatusCode;
    }

    private static bool IsSuccess(HttpStatusCode status) => (int)status is >= 200 and < 300;

    private static HealthCheckResult NotReady(HealthCheckContext context, string reason) => new(context.Registration.FailureStatus, reason);
}
