using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLEvents.Cli.Sending;

/// <summary>Calls a webhook as Event Grid does.</summary>
/// <param name="http">The client.</param>
/// <param name="address">The webhook's address.</param>
/// <param name="key">The webhook's key; null if it needs none.</param>
internal sealed class Webhook(HttpClient http, Uri address, string? key)
{
    private const string Origin = "eventgrid.azure.net";
    private const string AllowedOrigin = "WebHook-Allowed-Origin";

    /// <summary>How long Event Grid waits for an answer.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Whether an event is a CloudEvent. Otherwise, it is in Event Grid's schema.</summary>
    public static bool IsCloudEvent(JsonElement json) => json.TryGetProperty("specversion", out _);

    /// <summary>Delivers events of one schema.</summary>
    /// <exception cref="CommandFault">The webhook could not be reached, or did not accept the events.</exception>
    public async Task DeliverAsync(IReadOnlyList<JsonElement> batch, CancellationToken cancellationToken)
    {
        var cloudEvents = IsCloudEvent(batch[0]);
        var single = cloudEvents && batch.Count == 1;
        var body = single ? batch[0].GetRawText() : $"[{string.Join(',', batch.Select(one => one.GetRawText()))}]";
        using var request = NewRequest(HttpMethod.Post, "Notification");
        request.Content = Content(body, single ? "application/cloudevents+json" : cloudEvents ? "application/cloudevents-batch+json" : "application/json");
        request.Headers.Add("aeg-metadata-version", cloudEvents ? "1.0" : "1");
        if (cloudEvents)
        {
            request.Headers.Add("WebHook-Request-Origin", Origin);
        }
        else if (batch[0].TryGetProperty("dataVersion", out var version) && version.ValueKind == JsonValueKind.String)
        {
            request.Headers.TryAddWithoutValidation("aeg-data-version", version.GetRawText().Trim('"'));
        }

        using var response = await SendAsync(request, cancellationToken);
        await RequireSuccessAsync(response, cancellationToken);
    }

    /// <summary>Validates the webhook with the handshake for CloudEvents, or with the handshake for Event Grid's schema.</summary>
    /// <exception cref="CommandFault">The webhook could not be reached, or did not complete the handshake.</exception>
    public Task ValidateEndpointAsync(bool cloudEvents, CancellationToken cancellationToken) => cloudEvents ? AskAsync(cancellationToken) : ValidateAsync(cancellationToken);

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        using var request = NewRequest(HttpMethod.Options, null);
        request.Headers.Add("WebHook-Request-Origin", Origin);
        using var response = await SendAsync(request, cancellationToken);
        await RequireSuccessAsync(response, cancellationToken);
        var allowed = response.Headers.TryGetValues(AllowedOrigin, out var values) ? string.Join(',', values) : "";
        if (allowed is not ("*" or Origin))
        {
            throw new CommandFault(ExitCodes.Refused, $"{Place} does not allow {Origin}: its answer has {(allowed.Length == 0 ? $"no header {AllowedOrigin}" : $"{AllowedOrigin}: {allowed}")}.");
        }
    }

    private async Task ValidateAsync(CancellationToken cancellationToken)
    {
        var code = Guid.NewGuid().ToString();
        var validation = new JsonObject
        {
            ["id"] = Guid.NewGuid().ToString(),
            ["topic"] = "/mlevents/send",
            ["subject"] = "",
            ["eventType"] = Events.EventTypes.SubscriptionValidation,
            ["eventTime"] = TimeProvider.System.GetUtcNow().ToString("O"),
            ["metadataVersion"] = "1",
            ["dataVersion"] = "1",
            ["data"] = new JsonObject { ["validationCode"] = code },
        };
        using var request = NewRequest(HttpMethod.Post, "SubscriptionValidation");
        request.Content = Content(new JsonArray(validation).ToJsonString(), "application/json");
        using var response = await SendAsync(request, cancellationToken);
        await RequireSuccessAsync(response, cancellationToken);
        var answer = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!answer.Contains(code, StringComparison.Ordinal))
        {
            throw new CommandFault(ExitCodes.Refused, $"{Place} did not return the code of the validation event.");
        }
    }

    private string Place => address.GetLeftPart(UriPartial.Path);

    private HttpRequestMessage NewRequest(HttpMethod method, string? kind)
    {
        var request = new HttpRequestMessage(method, address);
        if (kind is not null)
        {
            request.Headers.Add("aeg-subscription-name", "MLEVENTS-SEND");
            request.Headers.Add("aeg-event-type", kind);
            request.Headers.Add("aeg-delivery-count", "0");
        }

        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("x-webhook-key", key);
        }

        return request;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new CommandFault(ExitCodes.Unreachable, $"{Place} could not be reached: {exception.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandFault(ExitCodes.Unreachable, $"{Place} did not answer within {Timeout.TotalSeconds} s.");
        }
    }

    private async Task RequireSuccessAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new CommandFault(ExitCodes.Refused, $"{Place} answered {(int)response.StatusCode} {response.ReasonPhrase}: {body.ReplaceLineEndings(" ").Trim()}");
        }
    }

    // As in Event Grid, the request has a Content-Length and is not chunked.
    private static ByteArrayContent Content(string text, string mediaType) => new(Encoding.UTF8.GetBytes(text)) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType, "utf-8") } };
}
