using System.Net;
using System.Text;

using MLEvents.Local.Sidecar.Configuration;
using MLEvents.Local.Sidecar.Resiliency;

namespace MLEvents.Local.Sidecar.Delivery;

/// <summary>Sends requests from the sidecar to its app. Adds the app's token, and limits the number of concurrent requests.</summary>
internal sealed class AppChannel : IDisposable
{
    private readonly SidecarOptions _options;
    private readonly HttpClient _client;
    private readonly SemaphoreSlim? _limit;

    public AppChannel(SidecarOptions options)
    {
        _options = options;
        _limit = options.AppMaxConcurrency is { } most ? new SemaphoreSlim(most) : null;
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.GZip, ActivityHeadersPropagator = null, RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 })
        {
            BaseAddress = Address(options),
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Whether the sidecar has an app.</summary>
    public bool HasApp => _options.AppPort is not null;

    /// <summary>Sends a request to the app and reads the whole answer.</summary>
    /// <exception cref="HttpRequestException">The app does not answer.</exception>
    public async Task<AppResponse> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Prepare(request);
        if (_limit is null)
        {
            return await SendCoreAsync(request, cancellationToken);
        }

        await _limit.WaitAsync(cancellationToken);
        try
        {
            return await SendCoreAsync(request, cancellationToken);
        }
        finally
        {
            _limit.Release();
        }
    }

    /// <summary>Sends a delivery to the app.</summary>
    /// <exception cref="HttpRequestException">The app does not answer.</exception>
    /// <exception cref="PermanentFailureException">The request is not valid, so every attempt would fail.</exception>
    public async Task<AppResponse> DeliverAsync(Func<HttpRequestMessage> create, CancellationToken cancellationToken)
    {
        try
        {
            using var request = create();
            return await SendAsync(request, cancellationToken);
        }
        catch (Exception exception) when (!IsTransient(exception))
        {
            throw new PermanentFailureException($"the message cannot be sent as an HTTP request: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _limit?.Dispose();
    }

    private static bool IsTransient(Exception exception) => exception switch
    {
        HttpRequestException { InnerException: FormatException or ArgumentException } => false,
        HttpRequestException or OperationCanceledException or IOException => true,
        _ => false,
    };

    private static Uri? Address(SidecarOptions options) =>
        options.AppPort is { } port ? new UriBuilder(Uri.UriSchemeHttp, options.AppChannelAddress, port).Uri : null;

    private void Prepare(HttpRequestMessage request)
    {
        // daprd uses Go's HTTP client, which adds these two headers.
        request.Headers.TryAddWithoutValidation("User-Agent", "Go-http-client/1.1");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip");
        if (_options.AppApiToken is { } token)
        {
            request.Headers.TryAddWithoutValidation("Dapr-Api-Token", token);
        }
    }

    private async Task<AppResponse> SendCoreAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await _client.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return new AppResponse((int)response.StatusCode, body);
    }
}

/// <summary>The answer of the app.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">Body, decompressed.</param>
internal sealed record AppResponse(int Status, byte[] Body)
{
    /// <summary>2xx.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;
}
