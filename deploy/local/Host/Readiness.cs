namespace MLEvents.Local.Host;

/// <summary>Waits for a service to be ready.</summary>
internal static class Readiness
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <param name="name">The service.</param>
    /// <param name="port">The port of the service.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <param name="fault">Called during the wait. Returns the reason why the service cannot become ready, or null.</param>
    /// <exception cref="StartException">The service was not ready in time, or cannot become ready.</exception>
    public static Task WaitAsync(string name, int port, CancellationToken cancellationToken, Func<string?>? fault = null) =>
        WaitAsync(name, port, DefaultTimeout, TimeSpan.FromSeconds(5), cancellationToken, fault);

    /// <exception cref="StartException">The service was not ready in time, or cannot become ready.</exception>
    internal static async Task WaitAsync(string name, int port, TimeSpan maxWait, TimeSpan answerTimeout, CancellationToken cancellationToken, Func<string?>? fault = null)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = answerTimeout };
        using var limit = new CancellationTokenSource(maxWait, TimeProvider.System);
        while (!limit.IsCancellationRequested)
        {
            if (await IsReadyAsync(http, cancellationToken))
            {
                return;
            }

            if (fault?.Invoke() is { } why)
            {
                throw new StartException(why);
            }

            await Task.Delay(PollInterval, TimeProvider.System, cancellationToken);
        }

        throw new StartException($"The {name} is not ready after {maxWait.TotalSeconds:F0} s; http://127.0.0.1:{port}/health shows the reason.");
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync(new Uri("/readyz", UriKind.Relative), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The service does not listen yet, or did not answer in time. The caller asks again.
            return false;
        }
    }
}
