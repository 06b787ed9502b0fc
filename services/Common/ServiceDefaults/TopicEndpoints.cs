using Dapr;
using Dapr.AspNetCore;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.ServiceDefaults;

/// <summary>Stores every message of a topic, readable or not. The handler must be idempotent, because it is called again after a crash and concurrently for duplicates.</summary>
public interface IRawTopicHandler
{
    /// <summary>Stores one delivery.</summary>
    /// <param name="message">The bytes as the sidecar sent them; they are not always a CloudEvents envelope.</param>
    /// <param name="cancellationToken">Cancelled when the sidecar has closed the connection.</param>
    /// <returns>A task that completes when the message is durable.</returns>
    Task StoreAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);
}

/// <summary>Subscribes handlers to topics through Dapr.</summary>
public static partial class TopicEndpoints
{
    // Enough for a bulk message in which every message has the ingress's default maximum size (2 MiB), and for a single message of the largest size that a setting allows (32 MiB).
    // daprd counts the messages of a bulk message, but not their bytes. With larger messages, DeliveryOptions.Bulk must therefore be false.
    private const long MaxBodyBytes = 128 * 1024 * 1024;

    /// <summary>Subscribes a handler to a topic, in bulk unless <see cref="DeliveryOptions.Bulk"/> is false. Dropped messages go to <see cref="Topics.DeadLetters"/>.</summary>
    /// <typeparam name="THandler">A registered singleton.</typeparam>
    /// <param name="routes">Where the route is added.</param>
    /// <param name="topic">A topic of the component <see cref="Topics.PubSub"/>.</param>
    public static void MapTopic<THandler>(this IEndpointRouteBuilder routes, string topic)
        where THandler : ITopicHandler
    {
        var services = routes.ServiceProvider;
        var isBulk = services.GetRequiredService<IOptions<DeliveryOptions>>().Value.Bulk;
        var delivery = new Lazy<TopicDelivery>(() => new(
            topic, services.GetRequiredService<THandler>(), isBulk ? services.GetRequiredService<DeliverySlots>() : null, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<THandler>>()));
        var route = routes.MapPost($"/topics/{topic}", async (HttpContext context) =>
            {
                var answer = await delivery.Value.HandleAsync(context.Request);
                return answer;
            })
            .AddEndpointFilter<SidecarTokenFilter>()
            .WithMetadata(new MaxBody(MaxBodyBytes))
            .WithTopic(new TopicOptions { PubsubName = Topics.PubSub, Name = topic, DeadLetterTopic = Topics.DeadLetters });
        if (isBulk)
        {
            route.WithBulkSubscribe(new BulkSubscribeTopicOptions
            {
                TopicName = topic,
                MaxMessagesCount = BulkDelivery.MaxMessages,
                MaxAwaitDurationMs = BulkDelivery.MaxAwaitMilliseconds,
            });
        }
    }

    /// <summary>
    /// Subscribes a handler that stores the messages of a topic as the sidecar sent them. Each request has one message, because such topics have few messages.
    /// A message is redelivered until it is stored; none is dropped.
    /// </summary>
    /// <typeparam name="THandler">A registered service.</typeparam>
    /// <param name="routes">Where the route is added.</param>
    /// <param name="topic">A topic of the component <see cref="Topics.PubSub"/>.</param>
    public static void MapRawTopic<THandler>(this IEndpointRouteBuilder routes, string topic)
        where THandler : IRawTopicHandler
    {
        // The generator of route handlers does not see TopicAnswerJson, because another generator writes it. The generator of route handlers ignores a result whose type it does not know.
        // The signature of AnswerAsync therefore declares the type.
        routes.MapPost($"/topics/{topic}", async (HttpContext context) =>
        {
            var answer = await AnswerAsync<THandler>(context, topic);
            return answer;
        }).AddEndpointFilter<SidecarTokenFilter>().WithMetadata(new MaxBody(MaxBodyBytes)).WithTopic(Topics.PubSub, topic);
    }

    private static async Task<JsonHttpResult<TopicAnswer>> AnswerAsync<THandler>(HttpContext context, string topic)
        where THandler : IRawTopicHandler
    {
        var outcome = await StoreAsync(context.RequestServices.GetRequiredService<THandler>(), context.Request);
        if (outcome.Reason is { } reason)
        {
            LogNotStored(context.RequestServices.GetRequiredService<ILogger<THandler>>(), topic, outcome.Status, reason);
        }

        return TypedResults.Json(new TopicAnswer(outcome.Status), TopicAnswerJson.Default.TopicAnswer);
    }

    private static async Task<Outcome> StoreAsync(IRawTopicHandler handler, HttpRequest request)
    {
        try
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
            await handler.StoreAsync(body.ToArray(), request.HttpContext.RequestAborted);
            return Outcome.Done;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            // Every failure is retried, because this copy of the message may be the only one.
            return Outcome.Retry(exception.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "A message on {Topic} was answered {Status}: {Reason}")]
    private static partial void LogNotStored(ILogger logger, string topic, string status, string reason);

    private sealed record MaxBody(long Bytes) : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => Bytes;
    }
}
