using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.EventGrid;

/// <summary>The answer of a webhook. Status 0 means that the connection failed. A timeout has status 408.</summary>
internal sealed record WebhookAnswer(int Status, string Outcome, string Body = "", HttpResponseHeaders? Headers = null);

/// <summary>Sends requests to webhooks as Event Grid does.</summary>
internal sealed class WebhookClient(HttpClient http, TimeProvider time, IOptions<SimulatorOptions> options)
{
    /// <summary>The origin that Event Grid sends in the CloudEvents handshake.</summary>
    public const string Origin = "eventgrid.azure.net";

    private const int MaxAnswerLength = 65_536;

    /// <summary>Sends a control event in the Event Grid schema.</summary>
    public Task<WebhookAnswer> SendControlAsync(EventSubscription subscription, string kind, JsonObject control, CancellationToken cancellationToken)
    {
        var request = NewRequest(HttpMethod.Post, subscription, kind);
        request.Content = Content(new JsonArray(control).ToJsonString(), "application/json");
        request.Headers.Add("aeg-delivery-count", "0");
        request.Headers.Add("aeg-data-version", "1");
        request.Headers.Add("aeg-metadata-version", "1");
        return SendAsync(request, cancellationToken);
    }

    /// <summary>Sends the CloudEvents handshake request.</summary>
    public Task<WebhookAnswer> AskConsentAsync(EventSubscription subscription, string callback, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, subscription.Settings.Endpoint);
        request.Headers.Add("WebHook-Request-Origin", Origin);
        request.Headers.Add("WebHook-Request-Callback", callback);
        request.Headers.Add("WebHook-Request-Rate", "1000");
        return SendAsync(request, cancellationToken);
    }

    /// <summary>Delivers a batch of events.</summary>
    public Task<WebhookAnswer> DeliverAsync(EventSubscription subscription, IReadOnlyList<Delivery> batch, CancellationToken cancellationToken)
    {
        var settings = subscription.Settings;
        var first = batch[0];
        var request = NewRequest(HttpMethod.Post, subscription, "Notification");
        var array = $"[{string.Join(',', batch.Select(delivery => delivery.Body))}]";
        request.Content = settings switch
        {
            { CloudEvents: false } => Content(array, "application/json"),
            { MaxEventsPerBatch: > 1 } => Content(array, "application/cloudevents-batch+json"),
            _ => Content(first.Body, "application/cloudevents+json"),
        };
        request.Headers.Add("aeg-delivery-count", batch.Max(delivery => delivery.Attempts).ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("aeg-metadata-version", settings.CloudEvents ? "1.0" : "1");
        if (!settings.CloudEvents)
        {
            AddText(request, "aeg-data-version", first.DataVersion);
        }
        else
        {
            request.Headers.Add("WebHook-Request-Origin", Origin);
        }

        if (batch.Count == 1)
        {
            AddText(request, "aeg-output-event-id", first.EventId);
        }

        AddAttributes(request, settings, first);
        return SendAsync(request, cancellationToken);
    }

    private static HttpRequestMessage NewRequest(HttpMethod method, EventSubscription subscription, string kind)
    {
        var request = new HttpRequestMessage(method, subscription.Settings.Endpoint);
        request.Headers.Add("aeg-subscription-name", subscription.Name.ToUpperInvariant());
        request.Headers.Add("aeg-event-type", kind);
        return request;
    }

    // The content has a length, because some receivers fail on chunked requests.
    private static ByteArrayContent Content(string text, string mediaType) =>
        new(Encoding.UTF8.GetBytes(text)) { Headers = { ContentType = new(mediaType, "utf-8") } };

    // A value that is not valid in a header is omitted, so that the delivery does not fail.
    private static void AddText(HttpRequestMessage request, string name, string value)
    {
        if (value.All(letter => letter is >= ' ' and <= '~'))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static void AddAttributes(HttpRequestMessage request, SubscriptionSettings settings, Delivery delivery)
    {
        var body = settings.Attributes.Count == 0 ? null : JsonNode.Parse(delivery.Body);
        foreach (var attribute in settings.Attributes)
        {
            var value = attribute.Path is null ? attribute.Value : body.At(attribute.Path.Split('.')) as JsonValue is { } found ? found.ToString() : null;
            if (value is not null)
            {
                AddText(request, attribute.Name, value);
            }
        }
    }

    // Reads only the first MaxAnswerLength bytes, which are enough for a handshake, and decodes them as UTF-8. For deliveries, only the status matters.
    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxAnswerLength];
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    private async Task<WebhookAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var owned = request;
        using var limit = new CancellationTokenSource(options.Value.WebhookTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            var status = (int)response.StatusCode;
            return new(status, RetrySchedule.Outcome(status), await ReadAsync(response, both.Token), response.Headers);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new(StatusCodes.Status408RequestTimeout, "TimedOut");
        }
        catch (HttpRequestException exception)
        {
            var unknown = exception.HttpRequestError == HttpRequestError.NameResolutionError || exception.InnerException is SocketException { SocketErrorCode: SocketError.HostNotFound };
            return new(0, unknown ? "ResolutionError" : "SocketError");
        }
        catch (IOException)
        {
            // The connection was closed before the answer was complete.
            return new(0, "SocketError");
        }
    }
}
