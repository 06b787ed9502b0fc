using System.Net;
using System.Net.Http.Headers;

using MLEvents.Local.Sidecar.PubSub;
using MLEvents.Local.Sidecar.PubSub.Broker;
using MLEvents.Local.Sidecar.Resiliency;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>
/// Delivers messages to the app one by one, each under the inbound policies. A message that the app drops is dead-lettered.
/// A message that still fails after the last retry is dead-lettered, or delivered again after the redelivery interval if there is no dead-letter topic.
/// </summary>
internal sealed partial class TopicDelivery(
    TopicSubscription subscription, AppChannel app, PolicyRunner policies, TimeProvider time, ILogger logger) : IDelivery
{
    private const string CloudEventType = "application/cloudevents+json";
    private readonly EventReader _reader = new(subscription, time, logger);
    private readonly ILogger _logger = logger;

    /// <inheritdoc/>
    public async Task DeliverAsync(LeasedBatch batch, CancellationToken stop, CancellationToken abort)
    {
        foreach (var message in batch.Messages)
        {
            if (_reader.Read(message) is { } read)
            {
                message.Settle(await DeliverAsync(read, new PolicyContext(batch.RenewAsync, stop, abort)));
            }
        }
    }

    private async Task<Settlement> DeliverAsync(ReadEvent read, PolicyContext context)
    {
        try
        {
            var status = await policies.RunAsync(token => AttemptAsync(read, token), context);
            return status == AppResponseStatus.Drop ? Settlement.DeadLetter : Settlement.Done;
        }
        catch (Exception exception) when (context.Stop.IsCancellationRequested)
        {
            LogStopped(exception, subscription.Topic, read.Head.Id);
            return Settlement.Abandon;
        }
        catch (PermanentFailureException exception)
        {
            LogUndeliverable(exception, subscription.Topic, read.Head.Id);
            return Settlement.DeadLetter;
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutException or BreakerOpenException)
        {
            LogFailed(subscription.Topic, read.Head.Id, exception.Message);
            return subscription.DeadLetterTopic.Length > 0 ? Settlement.DeadLetter : Settlement.Defer;
        }
    }

    private async Task<AppResponseStatus> AttemptAsync(ReadEvent read, CancellationToken cancellationToken)
    {
        var response = await app.DeliverAsync(() => Request(read), cancellationToken);
        var status = AppResponseStatuses.Classify(response);
        if (status == AppResponseStatus.Drop)
        {
            LogDropped(subscription.Topic, read.Head.Id, response.Status);
        }

        return status == AppResponseStatus.Retry
            ? throw new HttpRequestException($"the app answered {response.Status}", null, response.IsSuccess ? null : (HttpStatusCode)response.Status)
            : status;
    }

    private HttpRequestMessage Request(ReadEvent read)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, subscription.Route) { Content = new ReadOnlyMemoryContent(read.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(CloudEventType);
        MetadataHeaders.Add(request.Headers, read.Leased.Message.Metadata);
        request.Headers.TryAddWithoutValidation("Pubsubname", subscription.PubSub);

        // The CloudEvent of a raw payload has no trace parent, so the sidecar sets no trace header.
        if (read.Head.TraceParent is { } parent)
        {
            request.Headers.Remove("Traceparent");
            request.Headers.TryAddWithoutValidation("Traceparent", TraceContext.ValidOrZero(parent));
        }

        return request;
    }

    [LoggerMessage(3, LogLevel.Information, "The sidecar stops before event {EventId} of topic {Topic} is handled; it is delivered again")]
    private partial void LogStopped(Exception exception, string topic, string eventId);

    [LoggerMessage(4, LogLevel.Warning, "Event {EventId} of topic {Topic} was not handled: {Reason}")]
    private partial void LogFailed(string topic, string eventId, string reason);

    [LoggerMessage(5, LogLevel.Warning, "The app dropped event {EventId} of topic {Topic} (status {Status})")]
    private partial void LogDropped(string topic, string eventId, int status);

    [LoggerMessage(6, LogLevel.Error, "Event {EventId} of topic {Topic} cannot be sent as an HTTP request; it is dead-lettered, or dropped if the subscription has no dead-letter topic")]
    private partial void LogUndeliverable(Exception exception, string topic, string eventId);
}
