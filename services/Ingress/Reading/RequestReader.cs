using System.Text.Json;

namespace MLEvents.Ingress.Reading;

/// <summary>Reads a request's events in whichever of the forms it has them.</summary>
internal static class RequestReader
{
    /// <returns>What the request held, and what is wrong with its body as a whole; null if it is a batch of events.</returns>
    public static (ReadEvents Read, string? Fault) Read(IHeaderDictionary headers, ReadOnlyMemory<byte> body)
    {
        try
        {
            var contentType = headers.ContentType.ToString() is { Length: > 0 } given ? given : null;
            return (BinaryModeReader.IsBinary(headers) ? BinaryModeReader.Read(headers, contentType, body) : EventReader.Read(body), null);
        }
        catch (Exception exception) when (exception is JsonException or NotAnEventBatchException)
        {
            // Never to be retried by the sender, so a copy is kept: it may be the only one.
            var fault = exception is JsonException ? $"The body is not JSON: {exception.Message}" : exception.Message;
            return (body.IsEmpty ? ReadEvents.Nothing : new ReadEvents([], [new UnreadablePart(fault, body)]), fault);
        }
    }
}
