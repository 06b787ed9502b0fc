using System.Text.Json;

using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Events.Reading;
using MLEvents.Ingress.Senders;

namespace MLEvents.Ingress.Webhook;

/// <summary>
/// Reads the events of a request in every HTTP content mode. An event that cannot be read or is refused becomes an <see cref="UnreadableElement"/>, which goes to
/// the quarantine.
/// </summary>
internal sealed class RequestReader(IOptionsMonitor<IngressOptions> options)
{
    private const string CloudEvents = "application/cloudevents";

    /// <summary>Reads a request.</summary>
    /// <param name="headers">The headers of the request.</param>
    /// <param name="body">The body of the request.</param>
    /// <param name="sender">The sender; null if the request came from the sidecar, or if a replayed message has no known sender.</param>
    public RequestContent Read(IHeaderDictionary headers, ReadOnlyMemory<byte> body, Sender? sender)
    {
        var contentType = headers.ContentType.ToString() is { Length: > 0 } given ? given : null;
        if (FindUnsupported(contentType) is { } unsupported)
        {
            return Refuse(unsupported, body);
        }

        try
        {
            return new(IsBinary(headers, contentType)
                ? BinaryModeReader.Read(headers.Select(header => KeyValuePair.Create(header.Key, header.Value.ToString())), contentType, body, envelope => FindRefusal(envelope, sender))
                : EventReader.Read(body, envelope => FindRefusal(envelope, sender)));
        }
        catch (Exception exception) when (exception is JsonException or NotAnEventBatchException)
        {
            var detail = exception is JsonException ? $"The body could not be read as JSON: {exception.Message}" : exception.Message;
            return Refuse(new RequestFault(StatusCodes.Status400BadRequest, "The body is not an event or a batch of events.", detail), body);
        }
    }

    // The body goes to the quarantine, because Event Grid does not repeat a request that was answered with 400. The quarantine may then contain the only copy of the events.
    private static RequestContent Refuse(RequestFault fault, ReadOnlyMemory<byte> body) =>
        new(body.IsEmpty ? EventBatch.Empty : new EventBatch([], [new UnreadableElement(fault.Detail, body)]), fault);

    private string? FindRefusal(EventEnvelope envelope, Sender? sender)
    {
        var settings = options.CurrentValue;
        return !WorkspacePattern.AllowSource(settings.Workspaces, envelope.Source)
                ? $"its source '{DisplayText.Shorten(envelope.Source)}' is not a workspace that Ingress:Workspaces allows"
            : !WorkspacePattern.AllowSource(sender?.Workspaces ?? [], envelope.Source)
                ? $"its source '{DisplayText.Shorten(envelope.Source)}' is not a workspace that Ingress:Senders:{sender?.Name}:Workspaces allows"
            : envelope.Type.StartsWith(EventTypes.OwnPrefix, StringComparison.OrdinalIgnoreCase)
                ? $"its type '{DisplayText.Shorten(envelope.Type)}' is reserved for events of the services. The services would act on such an event without a check of its sender"
            : envelope.Json.Length > settings.MaxMessageBytes - EventPublisher.Overhead
                ? $"as a message it has {envelope.Json.Length} bytes; the limit is {settings.MaxMessageBytes - EventPublisher.Overhead} "
                    + $"(Ingress:MaxMessageBytes {settings.MaxMessageBytes} minus {EventPublisher.Overhead} for attributes)"
            : null;
    }

    // A CloudEvents content type says that the attributes are in the body, even if headers repeat them.
    private static bool IsBinary(IHeaderDictionary headers, string? contentType) =>
        headers.ContainsKey(BinaryModeReader.Prefix + "specversion") && contentType?.StartsWith(CloudEvents, StringComparison.OrdinalIgnoreCase) != true;

    private static RequestFault? FindUnsupported(string? contentType)
    {
        var mediaType = contentType?.Split(';')[0].Trim() ?? "";
        return mediaType.StartsWith(CloudEvents, StringComparison.OrdinalIgnoreCase)
            && !mediaType.Equals(CloudEvents + "+json", StringComparison.OrdinalIgnoreCase) && !mediaType.Equals(CloudEvents + "-batch+json", StringComparison.OrdinalIgnoreCase)
                ? new RequestFault(
                    StatusCodes.Status415UnsupportedMediaType,
                    "The media type is not supported.",
                    $"'{DisplayText.Shorten(mediaType)}' is not supported; send application/json, {CloudEvents}+json, {CloudEvents}-batch+json, or CloudEvents binary mode.")
                : null;
    }
}

/// <summary>The content of a request.</summary>
/// <param name="Batch">The accepted events, and the parts of the body that are unreadable or refused and therefore go to the quarantine.</param>
/// <param name="Fault">The error of the request as a whole; null if the body is an event or a batch of events.</param>
internal sealed record RequestContent(EventBatch Batch, RequestFault? Fault = null);

/// <summary>Why a request is refused.</summary>
internal sealed record RequestFault(int Status, string Title, string Detail);
