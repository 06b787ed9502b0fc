using System.Globalization;
using System.Net;
using System.Text;

using MLEvents.Local.Sidecar.Components;

namespace MLEvents.Local.Sidecar.Bindings.Http;

/// <summary>Component type <c>bindings.http</c>: calls a web server.</summary>
internal sealed class HttpBinding : IOutputBinding
{
    private readonly HttpBindingOptions _options;
    private readonly HttpClient _client;

    public HttpBinding(ComponentContext context)
    {
        _options = HttpBindingOptions.Read(context.Spec);
        IsOutput = BindingDirection.AllowsOutput(context.Spec);
        _client = new HttpClient(new SameOriginRedirectHandler(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            UseCookies = false,
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
            // The trace context comes from the invocation; the sidecar creates none.
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        }))
        {
            Timeout = _options.ResponseTimeout,
            MaxResponseContentBufferSize = _options.MaxResponseBodySize,
        };
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Capabilities => IsOutput ? ["OUTPUT_BINDING"] : [];

    /// <inheritdoc/>
    public bool IsOutput { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Operations { get; } = ["create", "get", "head", "post", "put", "patch", "delete", "options", "trace"];

    /// <inheritdoc/>
    public Task InitializeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<BindingMessage?> InvokeAsync(string operation, BindingMessage request, CancellationToken cancellationToken)
    {
        using var message = HttpBindingRequest.Create(_options, operation, request);
        using var response = await SendAsync(message, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var metadata = Metadata(response);
        return response.IsSuccessStatusCode || !IsErrorIfNot2XX(request.Metadata)
            ? new BindingMessage(body, metadata)
            : throw new BindingException($"received status code {(int)response.StatusCode}") { Metadata = metadata };
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static Dictionary<string, string> Metadata(HttpResponseMessage response)
    {
        var metadata = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        metadata["status"] = string.Create(CultureInfo.InvariantCulture, $"{(int)response.StatusCode} {response.ReasonPhrase}");
        metadata["statusCode"] = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        return metadata;
    }

    private bool IsErrorIfNot2XX(IReadOnlyDictionary<string, string> metadata) =>
        metadata.TryGetValue("errorIfNot2XX", out var text) ? !string.Equals(text, "false", StringComparison.OrdinalIgnoreCase) : _options.ErrorIfNot2XX;

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw Failed(request, exception.Message, exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed(request, "context deadline exceeded", exception);
        }
    }

    private BindingException Failed(HttpRequestMessage request, string cause, Exception exception)
    {
        var method = request.Method.Method;
        return new($"{method[0]}{method[1..].ToLowerInvariant()} \"{(_options.IsSecret ? "(secret)" : request.RequestUri)}\": {cause}", exception);
    }
}
