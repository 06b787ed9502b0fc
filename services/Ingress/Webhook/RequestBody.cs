using System.Security.Cryptography;

namespace MLEvents.Ingress.Webhook;

/// <summary>A request's body, up to a limit.</summary>
/// <param name="Bytes">The body; empty if it is too large.</param>
/// <param name="Oversized">A description of a body over the limit; null for other bodies.</param>
internal sealed record RequestBody(ReadOnlyMemory<byte> Bytes, OversizedBody? Oversized = null)
{
    private const int BufferBytes = 16 * 1024;
    private const int MaxHashedBytes = 32 * 1024 * 1024;

    /// <summary>Reads a body. A body over the limit is hashed and not kept.</summary>
    /// <exception cref="BadHttpRequestException">The request is malformed.</exception>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken) =>
        request.ContentLength is { } length && length <= maxBytes
            ? new RequestBody(await ReadExactlyAsync(request.Body, (int)length, cancellationToken))
            : await ReadUpToAsync(request, maxBytes, cancellationToken);

    // The server ends the body at the announced length. The read fails if the body is shorter.
    private static async Task<byte[]> ReadExactlyAsync(Stream body, int length, CancellationToken cancellationToken)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(length);
        await body.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    private static async Task<RequestBody> ReadUpToAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream(BufferBytes);
        var buffer = new byte[BufferBytes];
        int read;
        while (request.ContentLength is not { } length || length <= maxBytes)
        {
            if ((read = await request.Body.ReadAsync(buffer, cancellationToken)) == 0)
            {
                return new RequestBody(body.GetBuffer().AsMemory(0, (int)body.Length));
            }

            await body.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            if (body.Length > maxBytes)
            {
                break;
            }
        }

        return new RequestBody(default, await MeasureAsync(request, body, buffer, cancellationToken));
    }

    private static async Task<OversizedBody> MeasureAsync(HttpRequest request, MemoryStream start, byte[] buffer, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(start.GetBuffer().AsSpan(0, (int)start.Length));
        var size = start.Length;
        try
        {
            int read;
            while (size < MaxHashedBytes && (read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                size += read;
            }
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            // The server reads no further. The result describes the bytes read so far.
            return new OversizedBody(request.ContentLength, size, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }

        return new OversizedBody(request.ContentLength, size, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}

/// <summary>Describes a body that is too large to keep.</summary>
/// <param name="Announced">The size that the request announced; null if it announced none.</param>
/// <param name="Hashed">How many bytes were read.</param>
/// <param name="Sha256">The SHA-256 hash of the bytes that were read.</param>
internal sealed record OversizedBody(long? Announced, long Hashed, string Sha256);
