using System.Net.Sockets;
using System.Text.Json;

using Dapr;

using Grpc.Core;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using MLEvents.Events;

namespace MLEvents.ServiceDefaults;

/// <summary>Keeps the messages of a topic, whatever they are. Called again after a crash and at the same time by duplicates, so it must be idempotent.</summary>
public interface IRawTopicHandler
{
    /// <summary>Keeps one delivery.</summary>
    /// <param name="message">Its bytes as the sidecar sent them; they may be no envelope.</param>
    /// <param name="cancellationToken">Cancelled when the sidecar has gone away.</param>
    /// <returns>A task that completes when the message is durable.</returns>
    Task StoreAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);
}

/// <summary>The only place that knows how Dapr delivers a message and reads the answer.</summary>
public static partial class TopicEndpoints
{
    /// <summary>Subscribes a handler to a topic; what the service gives up on goes to <see cref="Topics.DeadLetters"/>.</summary>
    /// <typeparam name="THandler">A registered service.</typeparam>
    /// <param name="routes">Where the route is added.</param>
    /// <param name="topic">A topic of the component <see cref="Topics.PubSub"/>.</param>
    public static void MapTopic<THandler>(this IEndpointRouteBuilder routes, string topic)
        where THandler : ITopicHandler
    {
        routes.MapPost($"/topics/{topic}", async (HttpContext context) =>
        {
            var logger = context.RequestServices.GetRequiredService<ILogger<THandler>>();
            var outcome = await DeliverAsync(context.RequestServices.GetRequiredService<THandler>(), logger, context);
            if (outcome.Reason is { } reason)
            {
                LogNotDone(logger, topic, outcome.Status, reason);
            }

            return TypedResults.Ok(new { status = outcome.Status });
        }).AddEndpointFilter<SidecarTokenFilter>().WithTopic(new TopicOptions { PubsubName = Topics.PubSub, Name = topic, DeadLetterTopic = Topics.DeadLetters });
    }

    /// <summary>Subscribes a keeper to a topic. It is asked again until it has kept the message: nothing is dropped, and nothing goes to dead letters from here.</summary>
    /// <typeparam name="THandler">A registered service.</typeparam>
    /// <param name="routes">Where the route is added.</param>
    /// <param name="topic">A topic of the component <see cref="Topics.PubSub"/>.</param>
    public static void MapRawTopic<THandler>(this IEndpointRouteBuilder routes, string topic)
        where THandler : IRawTopicHandler
    {
        routes.MapPost($"/topics/{topic}", async (HttpContext context) =>
        {
            var outcome = await StoreAsync(context.RequestServices.GetRequiredService<THandler>(), context.Request);
            if (outcome.Reason is { } reason)
            {
                LogNotDone(context.RequestServices.GetRequiredService<ILogger<THandler>>(), topic, outcome.Status, reason);
            }

            return TypedResults.Ok(new { status = outcome.Status });
        }).AddEndpointFilter<SidecarTokenFilter>().WithTopic(Topics.PubSub, topic);
    }

    private static async Task<Outcome> StoreAsync(IRawTopicHandler keeper, HttpRequest request)
    {
        try
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
            await keeper.StoreAsync(body.ToArray(), request.HttpContext.RequestAborted);
            return Outcome.Done;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            // Whatever it was: this copy may be the only one.
            return Outcome.Retry(exception.Message);
        }
    }

    private static async Task<Outcome> DeliverAsync(ITopicHandler handler, ILogger logger, HttpContext context)
    {
        var (message, error) = await ReadAsync(context.Request);
        if (message is null)
        {
            return Outcome.Drop(error ?? "the message cannot be read");
        }

        try
        {
            await handler.HandleAsync(message, context.RequestAborted);
            return Outcome.Done;
        }
        catch (Exception exception) when (PassesByItself(exception))
        {
            return Outcome.Retry(exception.Message);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogUnexpected(logger, exception, message.Id, message.Type);
            return Outcome.Drop("the handler failed in a way that a later delivery would repeat");
        }
    }

    private static async Task<(WorkflowEvent? Event, string? Error)> ReadAsync(HttpRequest request)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, JsonLimits.Document, request.HttpContext.RequestAborted);
            return WorkflowEvent.TryRead(document.RootElement, out var message, out var error) ? (message, null) : (null, error);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second is what System.Text.Json says of text that is no valid Unicode.
            return (null, $"the message is not JSON: {exception.Message}");
        }
    }

    // Dapr wraps what its sidecar, the state store or the broker answers. Only two of these are about this message: what is stored for it can't be read, or is
    // more than the sidecar takes; delivered again, it would occupy a worker without end.
    private static bool PassesByItself(Exception exception) => exception switch
    {
        DaprException { InnerException: JsonException or RpcException { StatusCode: StatusCode.ResourceExhausted } } => false,
        RpcException refusal => refusal.StatusCode != StatusCode.ResourceExhausted,
        AggregateException several => several.InnerExceptions.Any(PassesByItself),
        _ => exception is DaprException or HttpRequestException or IOException or SocketException or TimeoutException,
    };

    [LoggerMessage(1, LogLevel.Warning, "A message on {Topic} was answered {Status}: {Reason}")]
    private static partial void LogNotDone(ILogger logger, string topic, string status, string reason);

    [LoggerMessage(2, LogLevel.Error, "Handling event {EventId} of type {EventType} failed; it goes to the dead letters. Fix the cause and publish it again.")]
    private static partial void LogUnexpected(ILogger logger, Exception exception, string eventId, string eventType);
}
