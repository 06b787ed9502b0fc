using System.Text.Json;
using System.Text.Json.Serialization;

using Dapr;
using Dapr.AspNetCore;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MLEvents.ServiceDefaults;

/// <summary>The list of subscriptions, which the sidecar requests when it starts.</summary>
/// <remarks>
/// It replaces <c>MapSubscribeHandler</c> of Dapr.AspNetCore, which writes the list by reflection. For the routes of <see cref="TopicEndpoints"/>, this class writes the same list as Dapr.AspNetCore.
/// </remarks>
/// <seealso href="https://docs.dapr.io/reference/api/pubsub_api/#provide-a-route-for-dapr-to-discover-topic-subscriptions"/>
internal static class SubscriptionList
{
    /// <summary>Maps the route.</summary>
    public static IEndpointConventionBuilder MapSubscriptionList(this IEndpointRouteBuilder routes) => routes.MapGet("/dapr/subscribe", WriteAsync);

    private static Task WriteAsync(HttpContext context)
    {
        List<TopicSubscription> subscriptions =
        [
            .. context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                .SelectMany(endpoint => endpoint.Metadata.GetOrderedMetadata<ITopicMetadata>().Select(topic => TopicSubscription.From(endpoint, topic)))
                .OrderBy(subscription => subscription.PubsubName, StringComparer.Ordinal)
                .ThenBy(subscription => subscription.Topic, StringComparer.Ordinal),
        ];
        return context.Response.WriteAsync(JsonSerializer.Serialize(subscriptions, SubscriptionJson.Default.ListTopicSubscription), context.RequestAborted);
    }
}

/// <summary>A subscription in the list.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="PubsubName">The pub/sub component.</param>
/// <param name="Route">The path to which the sidecar posts the messages, without a leading slash.</param>
/// <param name="DeadLetterTopic">The topic of dropped messages; null if none is set.</param>
/// <param name="BulkSubscribe">The size of a bulk message; null for single messages.</param>
internal sealed record TopicSubscription(string Topic, string PubsubName, string Route, string? DeadLetterTopic, BulkSubscription? BulkSubscribe)
{
    /// <summary>The subscription of a route.</summary>
    public static TopicSubscription From(RouteEndpoint endpoint, ITopicMetadata topic) => new(
        topic.Name,
        topic.PubsubName,
        (endpoint.RoutePattern.RawText ?? "").TrimStart('/'),
        (topic as IDeadLetterTopicMetadata)?.DeadLetterTopic,
        endpoint.Metadata.GetOrderedMetadata<IBulkSubscribeMetadata>().FirstOrDefault(bulk => bulk.TopicName == topic.Name) is { } bulk ? new(true, bulk.MaxMessagesCount, bulk.MaxAwaitDurationMs) : null);
}

/// <summary>The settings of a bulk subscription.</summary>
/// <param name="Enabled">Whether the sidecar delivers several messages in one request.</param>
/// <param name="MaxMessagesCount">The largest number of messages in a request.</param>
/// <param name="MaxAwaitDurationMs">How long the sidecar waits for more messages, in milliseconds.</param>
internal sealed record BulkSubscription(bool Enabled, int MaxMessagesCount, int MaxAwaitDurationMs);

/// <summary>The JSON contract of the list.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(List<TopicSubscription>))]
internal sealed partial class SubscriptionJson : JsonSerializerContext;
