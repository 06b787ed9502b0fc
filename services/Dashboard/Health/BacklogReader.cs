using System.Net;

using MLEvents.ServiceDefaults;

namespace MLEvents.Dashboard.Health;

/// <summary>Reads the backlog of the broker from the dashboard's own sidecar.</summary>
/// <remarks>The embedded sidecar counts the messages of its broker, which all sidecars of the machine share. Dapr has no API for the backlog.</remarks>
internal sealed class BacklogReader(SidecarClient sidecar)
{
    private const string Path = "/metrics";
    private const string NotReported = "Dapr does not report the backlog of its brokers. See the metrics of the broker: for Redis XINFO GROUPS, for Azure Service Bus the active messages of each subscription.";

    /// <summary>Counts the messages.</summary>
    public async Task<BrokerBacklog> ReadAsync(CancellationToken cancellationToken)
    {
        var address = new Uri(sidecar.Address, Path);
        try
        {
            using var response = await sidecar.SendAsync(HttpMethod.Get, Path, cancellationToken);
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
