namespace MLEvents.Containers.Probe;

/// <summary>The health check of an image without a shell and curl. It requests one address, and its exit code is the result.</summary>
public static class HealthProbe
{
    private static readonly TimeSpan MaxDuration = TimeSpan.FromSeconds(4);

    /// <summary>Requests the address in the only argument.</summary>
    /// <returns>
    /// 0 if the answer is 2xx; 1 for another answer, or for no answer within 4 s; 2 if there is not exactly one argument,
    /// or the argument is not an absolute http or https address.
    /// </returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter error)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(error);
        if (args is not [var text] || !Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            await error.WriteLineAsync("The argument must be one http or https address, for instance http://127.0.0.1:8080/readyz.");
            return 2;
        }

        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = MaxDuration };
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
