using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MLEvents.Local.Sidecar.PubSub;
using MLEvents.Local.Sidecar.PubSub.Broker;
using MLEvents.Local.Sidecar.Resiliency;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>Delivers messages to the app: sends each under the inbound policies, reads the answer, and dead-letters what the app or the policies give up.</summary>
internal sealed partial class TopicDelivery(
    TopicSubscription subscription, AppChannel app, PolicyRunner policies, TimeProvider time, ILogger logger)
{
    private const string CloudEventType = "application/cloudevents+json";
    private readonly ILogger _logger = logger;

    /// <summary>Delivers a message; <paramref name="stop"/> ends retries, <paramref name="abort"/> also the attempt that runs.</summary>
    public async Task<Settlement> DeliverAsync(ILeasedMessage leased, CancellationToken stop, CancellationToken abort)
    {
        var body = Body(leased.Message);
        using var envelope = GoJson.TryParse(body, GoJson.DeepestEnvelope);
        if (envelope?.RootElement.ValueKind != JsonValueKind.Object)
        {
            LogUnreadable(subscription.Topic);
            return Settlement.DeadLetter;
        }

        if (HasExpired(envelope.RootElement))
        {
            LogExpired(Id(envelope.RootElement));
            return Settlement.Done;
        }

        return await DeliverAsync(new PendingDelivery(body, envelope.RootElement, leased), stop, abort);
    }

    private static string Id(JsonElement envelope) => Text(envelope, "id");

    private static string Text(JsonElement envelope, string attribute) =>
        envelope.TryGetProperty(attribute, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";

    private async Task<Settlement> DeliverAsync(PendingDelivery pending, CancellationToken stop, CancellationToken abort)
    {
        try
        {
            var context = new PolicyContext(pending.Leased.RenewAsync, stop, abort);
            var status = await policies.RunAsync(token => AttemptAsync(pending, token), context);
            return status == AppResponseStatus.Drop ? Settlement.DeadLetter : Settlement.Done;
        }
        catch (Exception exception) when (stop.IsCancellationRequested)
        {
            LogStopped(exception, subscription.Topic, Id(pending.Envelope));
            return Settlement.Abandon;
        }
        catch (PermanentFailureException exception)
        {
            LogUndeliverable(exception, subscription.Topic, Id(pending.Envelope));
            return Settlement.DeadLetter;
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutException or BreakerOpenException)
        {
            LogFailed(subscription.Topic, Id(pending.Envelope), exception.Message);
            return subscription.DeadLetterTopic.Length > 0 ? Settlement.DeadLetter : Settlement.Defer;
        }
    }

    private async Task<AppResponseStatus> AttemptAsync(PendingDelivery pending, CancellationToken cancellationToken)
    {
        var response = await SendAsync(pending, cancellationToken);
        var status = AppResponseStatuses.Classify(response);
        if (status == AppResponseStatus.Drop)
        {
            LogDropped(subscription.Topic, Id(pending.Envelope), response.Status);
        }

        return status == AppResponseStatus.Retry
            ? throw new HttpRequestException($"the app answered {response.Status}", null, response.IsSuccess ? null : (HttpStatusCode)response.Status)
            : status;
    }

    /// <summary>Sends one attempt. A failure with another cause than the network or the app would repeat in every attempt.</summary>
    private async Task<AppResponse> SendAsync(PendingDelivery pending, CancellationToken cancellationToken)
    {
        try
        {
            using var request = Request(pending);
            return await app.SendAsync(request, cancellationToken);
        }
        catch (Exception exception) when (!IsTransient(exception))
        {
            throw new PermanentFailureException($"the message cannot be sent as an HTTP request: {exception.Message}", exception);
        }
    }

    private static bool IsTransient(Exception exception) => exception switch
    {
        HttpRequestException { InnerException: FormatException or ArgumentException } => false,
        HttpRequestException or OperationCanceledException or IOException => true,
        _ => false,
    };

    private HttpRequestMessage Request(PendingDelivery pending)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, subscription.Route) { Content = new ReadOnlyMemoryContent(pending.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(CloudEventType);
        MetadataHeaders.Add(request.Headers, pending.Leased.Message.Metadata);
        request.Headers.TryAddWithoutValidation("Pubsubname", subscription.PubSub);
        if (pending.Envelope.TryGetProperty("traceparent", out _))
        {
            // Raw payloads have no trace of their own and get no header.
            request.Headers.Remove("Traceparent");
            request.Headers.TryAddWithoutValidation("Traceparent", TraceContext.ValidOrZero(Text(pending.Envelope, "traceparent")));
        }

        return request;
    }

    /// <summary>The body of the request. It is created once, so every attempt carries the same event id.</summary>
    private ReadOnlyMemory<byte> Body(BrokerMessage message) =>
        subscription.IsRaw ? CloudEventEnvelope.WrapRaw(message.Data, subscription.PubSub, subscription.Topic) : message.Data;

    private bool HasExpired(JsonElement envelope) =>
        DateTimeOffset.TryParse(Text(envelope, "expiration"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiration)
        && expiration <= time.GetUtcNow();

    [LoggerMessage(1, LogLevel.Error, "A message of topic {Topic} is not a JSON object; only a subscription with rawPayload can take it")]
    private partial void LogUnreadable(string topic);

    [LoggerMessage(2, LogLevel.Warning, "Dropping expired event {EventId}")]
    private partial void LogExpired(string eventId);

    [LoggerMessage(3, LogLevel.Information, "Event {EventId} of topic {Topic} waits for the next start")]
    private partial void LogStopped(Exception exception, string topic, string eventId);

    [LoggerMessage(4, LogLevel.Warning, "Event {EventId} of topic {Topic} was not handled: {Reason}")]
    private partial void LogFailed(string topic, string eventId, string reason);

    [LoggerMessage(5, LogLevel.Warning, "The app dropped event {EventId} of topic {Topic} (status {Status})")]
    private partial void LogDropped(string topic, string eventId, int status);

    [LoggerMessage(6, LogLevel.Error, "Event {EventId} of topic {Topic} cannot be delivered as it is and goes to the dead letters")]
    private partial void LogUndeliverable(Exception exception, string topic, string eventId);

    private sealed record PendingDelivery(ReadOnlyMemory<byte> Body, JsonElement Envelope, ILeasedMessage Leased);
}
