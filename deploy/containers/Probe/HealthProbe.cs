namespace MLEvents.Containers.Probe;

/// <summary>The health check of an image that has neither shell nor curl: asks one address, and says by its exit code whether it answered well.</summary>
public static class HealthProbe
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(4);

    /// <summary>Asks the address that is the only argument.</summary>
    /// <returns>0 when the answer is 2xx; 1 when it is not, or there is none within 4 s; 2 when there is no address to ask.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter error)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(error);
        if (args is not [var text] || !Uri.TryCreate(text, UriKind.Absolute, out var address))
        {
            await error.WriteLineAsync("Give one address to ask, for instance http://127.0.0.1:8080/readyz.");
            return 2;
        }

        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Longest };
        try
        {
            using var answer = await http.GetAsync(address);
            await error.WriteLineAsync($"{address} answers {(int)answer.StatusCode}");
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            await error.WriteLineAsync($"{address} does not answer: {failure.Message}");
            return 1;
        }
    }
}
