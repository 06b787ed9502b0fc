using System.Net;

namespace MLEvents.Local.Verify;

/// <summary>
/// Repeats a request until the server answers with a status other than 503. The verification kills the simulator and starts it again, and a service answers 503
/// while its sidecar is down.
/// </summary>
internal sealed class RetryUntilReachableHandler() : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(5);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            attempt.CancelAfter(AttemptTimeout);
            try
            {
                var response = await base.SendAsync(request, attempt.Token);

                // The body is read here, so that the request is also repeated if the connection fails within the body.
                await response.Content.LoadIntoBufferAsync(attempt.Token);
                if (response.StatusCode != HttpStatusCode.ServiceUnavailable)
                {
                    return response;
                }

                response.Dispose();
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // The server does not answer yet.
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }
}
