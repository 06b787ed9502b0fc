using System.IO.Pipelines;
using System.Net;

using Microsoft.AspNetCore.Http.Features;

namespace MLEvents.Local.Host.InProcess;

/// <summary>A request to an app of this process, and its answer, in the form that servers give to ASP.NET Core.</summary>
internal sealed class InProcessExchange : HttpResponseFeature, IHttpResponseBodyFeature, IHttpResponseTrailersFeature, IHttpRequestLifetimeFeature, IHttpRequestBodyDetectionFeature, IRequestBodyPipeFeature, IDisposable
{
    private readonly CancellationTokenSource _aborted;
    private readonly BufferedWriter _writer = new();
    private readonly byte[] _requestBody;
    private Stack<(Func<object, Task> Callback, object State)>? _starting;
    private Stack<(Func<object, Task> Callback, object State)>? _completed;
    private bool _isStarted;

    /// <summary>Creates the exchange of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="body">The body of the request.</param>
    /// <param name="stopped">Cancelled when the app does not wait for the request any longer.</param>
    public InProcessExchange(HttpRequestMessage request, byte[] body, CancellationToken stopped)
    {
        _requestBody = body;
        _aborted = CancellationTokenSource.CreateLinkedTokenSource(stopped);
        RequestAborted = _aborted.Token;
        Features.Set<IHttpRequestFeature>(Read(request, body));
        Features.Set<IHttpRequestBodyDetectionFeature>(this);
        Features.Set<IRequestBodyPipeFeature>(this);
        Features.Set<IHttpRequestLifetimeFeature>(this);
        Features.Set<IHttpMaxRequestBodySizeFeature>(new Limit());
        Features.Set<IHttpConnectionFeature>(new HttpConnectionFeature { RemoteIpAddress = IPAddress.Loopback, LocalIpAddress = IPAddress.Loopback, LocalPort = request.RequestUri?.Port ?? 0 });
        Features.Set<IHttpResponseFeature>(this);
        Features.Set<IHttpResponseBodyFeature>(this);
        Features.Set<IHttpResponseTrailersFeature>(this);
    }

    public FeatureCollection Features { get; } = new();

    public bool IsAborted { get; private set; }

    public override bool HasStarted => _isStarted || _writer.Written.Length > 0;

    public CancellationToken RequestAborted { get; set; }

    public bool CanHaveBody => _requestBody.Length > 0;

    public PipeReader Reader => field ??= PipeReader.Create(new(_requestBody));

    public IHeaderDictionary Trailers { get; set; } = new HeaderDictionary();

    public PipeWriter Writer => _writer;

    public Stream Stream => field ??= _writer.AsStream();

    public override void OnStarting(Func<object, Task> callback, object state) => (_starting ??= new()).Push((callback, state));

    public override void OnCompleted(Func<object, Task> callback, object state) => (_completed ??= new()).Push((callback, state));

    /// <summary>Ends the request: the app's token is cancelled, and the caller gets an error instead of an answer.</summary>
    public void Abort()
    {
        IsAborted = true;
        _aborted.Cancel();
    }

    public Task StartAsync(CancellationToken cancellationToken = default) => StartOnceAsync();

    public Task CompleteAsync() => StartOnceAsync();

    public void DisableBuffering()
    {
        // The caller always gets the whole answer.
    }

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

    /// <summary>Ends the answer after the app has handled the request.</summary>
    public async Task EndAsync()
    {
        await StartOnceAsync();
        await RunAsync(_completed);
    }

    /// <summary>The answer, after <see cref="EndAsync"/>.</summary>
    public HttpResponseMessage ToResponse(HttpRequestMessage request)
    {
        var response = new HttpResponseMessage((HttpStatusCode)StatusCode) { RequestMessage = request, Version = request.Version, Content = new ReadOnlyMemoryContent(_writer.Written) };
        foreach (var (name, values) in Headers)
        {
            _ = response.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values) || response.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        foreach (var (name, values) in Trailers)
        {
            response.TrailingHeaders.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        return response;
    }

    /// <inheritdoc/>
    public void Dispose() => _aborted.Dispose();

    private static HttpRequestFeature Read(HttpRequestMessage request, byte[] body)
    {
        var address = request.RequestUri ?? throw new HttpRequestException(HttpRequestError.InvalidResponse, "The request has no address.");
        IHeaderDictionary headers = new HeaderDictionary();
        headers.Host = request.Headers.Host ?? address.Authority;
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            headers[name] = new([.. values]);
        }

        foreach (var (name, values) in request.Content?.Headers.NonValidated ?? default)
        {
            headers[name] = new([.. values]);
        }

        headers.ContentLength = request.Content is null ? null : body.Length;
        return new HttpRequestFeature
        {
            Protocol = request.Version.Major == 2 ? HttpProtocol.Http2 : HttpProtocol.Http11,
            Scheme = address.Scheme,
            Method = request.Method.Method,
            Path = PathString.FromUriComponent(address),
            QueryString = address.Query,
            RawTarget = address.PathAndQuery,
            Headers = headers,
            Body = new MemoryStream(body, writable: false),
        };
    }

    // The callbacks run before the caller can see the answer, the latest first.
    private Task StartOnceAsync()
    {
        if (_isStarted)
        {
            return Task.CompletedTask;
        }

        _isStarted = true;
        return RunAsync(_starting);
    }

    private static async Task RunAsync(Stack<(Func<object, Task> Callback, object State)>? callbacks)
    {
        while (callbacks?.TryPop(out var next) == true)
        {
            await next.Callback(next.State);
        }
    }

    // The callers are the services and sidecars of this process, so their requests have no limit of their own.
    private sealed class Limit : IHttpMaxRequestBodySizeFeature
    {
        public bool IsReadOnly => false;

        public long? MaxRequestBodySize { get; set; }
    }
}
