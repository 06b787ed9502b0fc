using Microsoft.Data.Sqlite;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Local.Sidecar.Errors;
using MLEvents.Local.Sidecar.PubSub.Broker;
using MLEvents.Local.Sidecar.Resiliency;
using MLEvents.Local.Sidecar.Telemetry;

namespace MLEvents.Local.Sidecar.PubSub;

/// <summary>
/// Publishes messages for the HTTP and the gRPC API: finds the component, checks its scopes, creates a CloudEvents envelope for each message that is not raw, and publishes the messages.
/// The component's outbound resiliency policy applies.
/// </summary>
internal sealed class MessagePublisher(SidecarOptions options, ComponentRegistry components, ResiliencyPolicies policies, SidecarMetrics metrics)
{
    /// <summary>Finds a component and checks that the app may publish to the topic.</summary>
    /// <exception cref="DaprException">The component does not exist, or its scopes do not allow the topic.</exception>
    public IPubSub Find(string name, string topic)
    {
        if (!components.TryGet<IPubSub>(name, out var component))
        {
            throw DaprErrors.PubSubNotFound(name).AsException();
        }

        return component.Scopes.MayPublish(topic) ? component : throw DaprErrors.TopicForbidden(name, topic, options.AppId).AsException();
    }

    /// <summary>Publishes events to one topic in one transaction.</summary>
    /// <exception cref="DaprException">An envelope cannot be created, or the broker does not store the events.</exception>
    public async Task PublishAsync(IPubSub component, string name, string topic, IReadOnlyList<EventToPublish> events, CancellationToken cancellationToken)
    {
        var now = options.Time.GetUtcNow();
        var messages = events.Select(published => new BrokerMessage(Bytes(published, now), published.Metadata)).ToList();
        try
        {
            await policies.Outbound(name).RunAsync(
                async token =>
                {
                    await component.PublishAsync(topic, messages).WaitAsync(token);
                    return true;
                },
                cancellationToken);
            metrics.Published(name, topic, messages.Count);
        }
        catch (Exception exception) when (exception is SqliteException or TimeoutException or BreakerOpenException or InvalidOperationException)
        {
            throw DaprErrors.PublishFailed(name, topic, exception.Message).AsException(exception);
        }
    }

    private byte[] Bytes(EventToPublish published, DateTimeOffset now) =>
        published.IsRaw ? published.Data.ToArray() : CloudEventEnvelope.Create(published, options.AppId, now);
}
