using System.Net;

using MLEvents.ServiceDefaults;

namespace MLEvents.Dashboard.Health;

/// <summary>Reads the backlog of the broker from the dashboard's own sidecar.</summary>
/// <remarks>The embedded sidecar counts the messages of its broker, which all sidecars of the machine share. Dapr has no API for the backlog.</remarks>
internal sealed class BacklogReader(IHttpClientFactory clients, IConfiguration configuration)
{
    private const string NotReported = "Dapr does not report the backlog of its brokers. See the metrics of the broker: for Redis XINFO GROUPS, for Azure Service Bus the active messages of each subscription.";

    /// <summary>Counts the messages.</summary>
    public async Task<BrokerBacklog> ReadAsync(CancellationToken cancellationToken)
    {
        var address = new Uri(ServiceDefaultsExtensions.SidecarAddress(configuration), "/metrics");
        using var http = clients.CreateClient(HealthWatch.Client);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (configuration["DAPR_API_TOKEN"] is { Length: > 0 } token)
        {
            request.Headers.TryAddWithoutValidation("dapr-api-token", token);
        }

        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => BrokerBacklog.Read(await response.Content.ReadAsStringAsync(cancellationToken)) ?? new([], NotReported),
                HttpStatusCode.NotFound => new([], NotReported),
                var status => new([], $"The sidecar answered {(int)status} to GET {address}."),
            };
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new([], $"The sidecar at {address} does not answer: {exception.Message}");
        }
    }
}
