using MLEvents.Local.Sidecar.Errors;

namespace MLEvents.Local.Sidecar.Requests;

/// <summary>Reads the parts of an HTTP request that all building blocks need.</summary>
internal static class ApiRequest
{
    /// <summary>daprd's default limit of a request body: 4 MiB.</summary>
    private const int MaxBytes = 4 << 20;

    private const string MetadataPrefix = "metadata.";

    /// <summary>Reads the whole body.</summary>
    /// <exception cref="DaprException">The body is over the limit of 4 MiB.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, Func<string, DaprError> tooLarge, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[81920];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, cancellationToken)) > 0)
        {
            // A body that is too large is read to its end. Otherwise a caller that still writes would get a broken connection and no answer.
            if (buffer.Length + read <= MaxBytes)
            {
                await buffer.WriteAsync(chunk.AsMemory(0, read), cancellationToken);
            }
            else
            {
                await request.Body.CopyToAsync(Stream.Null, cancellationToken);
                throw tooLarge("stream too large").AsException();
            }
        }

        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    /// <summary>Returns the query parameters whose names start with <c>metadata.</c>, with the names after this prefix.</summary>
    public static Dictionary<string, string> Metadata(HttpRequest request) => request.Query
        .Where(item => item.Key.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase))
        .ToDictionary(item => item.Key[MetadataPrefix.Length..], item => item.Value.ToString(), StringComparer.Ordinal);
}
