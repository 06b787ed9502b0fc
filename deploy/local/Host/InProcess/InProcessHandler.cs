using System.Diagnostics;

using Microsoft.AspNetCore.Http.Features;

namespace MLEvents.Local.Host.InProcess;

/// <summary>
/// Sends requests to an app of this process without a connection. The app gets the same request as over HTTP, and the caller gets the same answer and the same kinds of errors.
/// The handler holds the whole answer in memory before it returns it, so it does not suit endless answers.
/// </summary>
/// <param name="app">The app.</param>
/// <param name="propagatesTrace">Whether requests carry the caller's trace, as requests over a connection do by default.</param>
internal sealed class InProcessHandler(InProcessApp app, bool propagatesTrace) : HttpMessageHandler
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (propagatesTrace)
        {
            DistributedContextPropagator.Current.Inject(Activity.Current, request, static (carrier, name, value) => ((HttpRequestMessage?)carrier)?.Headers.TryAddWithoutValidation(name, value));
        }

        var body = request.Content is { } content ? await content.ReadAsByteArrayAsync(cancellationToken) : [];
        var exchange = new InProcessExchange(request, body, app.Aborted);
        var process = app.TryBegin() ?? throw new HttpRequestException(HttpRequestError.ConnectionError, $"{request.RequestUri?.Authority} does not accept requests, because it has not started or is stopping.");
        using var cancelled = cancellationToken.UnsafeRegister(call => ((InProcessExchange?)call)?.Abort(), exchange);

        // Nothing that belongs to the caller's flow, such as its span, may flow into the app.
        var running = new Call(app, process, exchange);
        ThreadPool.UnsafeQueueUserWorkItem(running, preferLocal: false);
        await running.Ended.WaitAsync(cancellationToken);
        return exchange.ToResponse(request);
    }

    // One request that the app handles. It ends when the app has handled it, even if the caller does not wait any longer.
    private sealed class Call(InProcessApp app, Func<IFeatureCollection, Task> process, InProcessExchange exchange) : IThreadPoolWorkItem
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended => _ended.Task;

        public void Execute() => _ = RunAsync();

        private async Task RunAsync()
        {
            try
            {
                await process(exchange.Features);
                await exchange.EndAsync();
                End(exchange.IsAborted ? new HttpRequestException(HttpRequestError.ResponseEnded, "The app ended the request without an answer.") : null);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // As over a connection, the caller learns only that there is no answer. The app has logged the exception.
                End(new HttpRequestException(HttpRequestError.ResponseEnded, $"The app ended the request without an answer: {exception.Message}", exception));
            }
            finally
            {
                exchange.Dispose();
                app.End();
            }
        }

        private void End(HttpRequestException? error)
        {
            if (error is null)
            {
                _ended.TrySetResult();
            }
            else
            {
                _ended.TrySetException(error);
            }
        }
    }
}
