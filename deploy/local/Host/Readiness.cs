namespace MLEvents.Local.Host;

/// <summary>Waits for a service to be ready.</summary>
internal static class Readiness
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);

    /// <exception cref="StartException">It was not ready in time.</exception>
    public static Task WaitAsync(string name, int port, CancellationToken cancellationToken) => WaitAsync(name, port, Longest, TimeSpan.FromSeconds(5), cancellationToken);

    /// <exception cref="StartException">It was not ready in time.</exception>
    internal static async Task WaitAsync(string name, int port, TimeSpan longest, TimeSpan answer, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = answer };
        using var limit = new CancellationTokenSource(longest, TimeProvider.System);
        while (!limit.IsCancellationRequested)
        {
            if (await IsReadyAsync(http, cancellationToken))
            {
                return;
            }

            await Task.Delay(Between, TimeProvider.System, cancellationToken);
        }

        throw new StartException($"The {name} is not ready after {longest.TotalSeconds:F0} s; http://127.0.0.1:{port}/health says why.");
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
            // Not listening yet, or too busy to answer; asked again.
            return false;
        }
    }
}
