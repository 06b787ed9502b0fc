using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace MLEvents.EndToEnd.Running;

/// <summary>The answer of the webhook.</summary>
internal sealed record WebhookAnswer(HttpStatusCode Status, string? ContentType, string Body);

/// <summary>Delivers events to the ingress as Event Grid does.</summary>
internal sealed class IngressClient(int port) : IDisposable
{
    /// <summary>The key that works on a developer's machine.</summary>
    public const string Key = "local-development-key";

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly Uri _address = new($"http://127.0.0.1:{port}/events");

    /// <summary>Delivers events in the Event Grid schema, as one array.</summary>
    public Task<WebhookAnswer> DeliverAsync(CancellationToken cancellationToken, params IEnumerable<JsonNode> events) =>
        PostAsync(new JsonArray([.. events.Select(one => one.DeepClone())]).ToJsonString(), "application/json; charset=utf-8", cancellationToken);

    /// <summary>Posts a body with the headers of a notification.</summary>
    public async Task<WebhookAnswer> PostAsync(string body, string contentType, CancellationToken cancellationToken, string? key = Key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, key is null ? _address : new Uri($"{_address}?code={key}"));
        request.Content = new StringContent(body, Encoding.UTF8);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        request.Headers.Add("aeg-subscription-name", "END-TO-END");
        request.Headers.Add("aeg-delivery-count", "0");
        request.Headers.Add("aeg-event-type", "Notification");
        request.Headers.Add("aeg-metadata-version", "1");
        using var answer = await _http.SendAsync(request, cancellationToken);
        return new(answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
