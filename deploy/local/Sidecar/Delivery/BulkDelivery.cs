using System.Net.Http.Headers;

using MLEvents.Local.Sidecar.PubSub;
using MLEvents.Local.Sidecar.PubSub.Broker;
using MLEvents.Local.Sidecar.Resiliency;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>
/// Delivers messages of a bulk subscription: one request for all messages, one status for each. A retry contains only the entries that failed.
/// Entries that still fail after the last retry are dead-lettered one by one, as in daprd
/// (https://github.com/dapr/dapr/blob/d8450742ce3260d93a2346f4398a1e60d019a45b/pkg/runtime/subscription/bulkresiliency.go).
/// Without a dead-letter topic, they are delivered again after the redelivery interval.
/// </summary>
internal sealed partial class BulkDelivery(
    TopicSubscription subscription, AppChannel app, PolicyRunner policies, TimeProvider time, ILogger logger) : IDelivery
{
    private readonly EventReader _reader = new(subscription, time, logger);
    private readonly ILogger _logger = logger;

    /// <inheritdoc/>
    public async Task DeliverAsync(LeasedBatch batch, CancellationToken stop, CancellationToken abort)
    {
        var request = new BulkEnvelope(subscription, [.. batch.Messages.Select(Entry).OfType<BulkEntry>()]);
        if (request.Entries.Count == 0)
        {
            return;
        }

        var settlement = await DeliverAsync(request, new PolicyContext(batch.RenewAsync, stop, abort));
        foreach (var entry in request.Undecided)
        {
            entry.Leased.Settle(settlement);
        }
    }

    private BulkEntry? Entry(LeasedMessage leased)
    {
        if (subscription.IsRaw)
        {
            return BulkEntry.FromRaw(leased);
        }

        return _reader.Read(leased) is { } read ? new BulkEntry(leased, GoText.Repair(read.Body), BulkEntry.CloudEventType) : null;
    }

    /// <summary>Delivers the entries under the policies.</summary>
    /// <returns>The settlement of the entries that are still undecided.</returns>
    private async Task<Settlement> DeliverAsync(BulkEnvelope request, PolicyContext context)
    {
        try
        {
            return await policies.RunAsync(token => AttemptAsync(request, token), context);
        }
        catch (Exception exception) when (context.Stop.IsCancellationRequested)
        {
            LogStopped(exception, request.Undecided.Count(), subscription.Topic);
            return Settlement.Abandon;
        }
        catch (PermanentFailureException exception)
        {
            LogUndeliverable(exception, request.Undecided.Count(), subscription.Topic);
            return Settlement.DeadLetter;
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutException or BreakerOpenException)
        {
            LogFailed(request.Undecided.Count(), subscription.Topic, exception.Message);
            return subscription.DeadLetterTopic.Length > 0 ? Settlement.DeadLetter : Settlement.Defer;
        }
    }

    private async Task<Settlement> AttemptAsync(BulkEnvelope request, CancellationToken cancellationToken)
    {
        var response = await app.DeliverAsync(() => Request(request), cancellationToken);
        if (response.Status == StatusCodes.Status404NotFound)
        {
            // After 404, daprd does not dead-letter the messages of a bulk subscription, in contrast to the messages of other subscriptions.
            LogNotFound(request.Undecided.Count(), subscription.Topic, subscription.Route);
            return Settlement.Done;
        }

        if (!response.IsSuccess)
        {
            // The exception has no status code: as in daprd, bulk errors are retried for all statuses, even if the retry policy names only some of them.
            throw new HttpRequestException($"the app answered {response.Status}");
        }

        BulkAnswer.Apply(response.Body, request.Entries);
        var failed = request.Undecided.Count();
        return failed == 0 ? Settlement.Done : throw new HttpRequestException($"the app did not handle {failed} of {request.Entries.Count} entries");
    }

    private HttpRequestMessage Request(BulkEnvelope envelope)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, subscription.Route) { Content = new ReadOnlyMemoryContent(envelope.Write()) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("Pubsubname", subscription.PubSub);
        request.Headers.TryAddWithoutValidation("Traceparent", TraceContext.ValidOrZero(""));
        return request;
    }

    [LoggerMessage(1, LogLevel.Information, "The sidecar stops before {Count} events of topic {Topic} are handled; they are delivered again")]
    private partial void LogStopped(Exception exception, int count, string topic);

    [LoggerMessage(2, LogLevel.Warning, "{Count} events of topic {Topic} were not handled: {Reason}")]
    private partial void LogFailed(int count, string topic, string reason);

    [LoggerMessage(3, LogLevel.Error, "{Count} events of topic {Topic} are dropped: the app has no route {Route}")]
    private partial void LogNotFound(int count, string topic, string route);

    [LoggerMessage(4, LogLevel.Error, "{Count} events of topic {Topic} cannot be sent as an HTTP request; they are dead-lettered, or dropped if the subscription has no dead-letter topic")]
    private partial void LogUndeliverable(Exception exception, int count, string topic);
}
