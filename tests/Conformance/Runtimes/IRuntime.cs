namespace MLEvents.Conformance.Runtimes;

/// <summary>A Dapr runtime that the suite runs against.</summary>
public interface IRuntime
{
    /// <summary>Starts a runtime for an app and waits until it is ready.</summary>
    Task<RunningDapr> StartAsync(Setup setup);
}

/// <summary>The settings of a runtime for a case.</summary>
/// <param name="AppId">The app's id. Replicas share it.</param>
/// <param name="AppPort">The app's port; null for an app that calls the runtime but receives no calls.</param>
/// <param name="Folder">A folder that no other case uses.</param>
public sealed record Setup(string AppId, int? AppPort, string Folder)
{
    /// <summary>More components, as YAML documents.</summary>
    public string Resources { get; init; } = "";

    /// <summary>A Resiliency resource; empty for none. It is written to a separate file, because daprd ignores it in a file with components.</summary>
    public string Resiliency { get; init; } = "";

    /// <summary>Metadata lines of the pub/sub component. Each line has the form <c>name: value</c>.</summary>
    public IReadOnlyList<string> PubSub { get; init; } = [];

    /// <summary>The largest number of simultaneous calls to the app. Null for no limit.</summary>
    public int? AppMaxConcurrency { get; init; }

    /// <summary>The token that callers of the runtime must send: <c>DAPR_API_TOKEN</c>. Null for none.</summary>
    public string? ApiToken { get; init; }

    /// <summary>The token that the runtime sends to the app: <c>APP_API_TOKEN</c>. Null for none.</summary>
    public string? AppToken { get; init; }
}

/// <summary>A running runtime.</summary>
/// <param name="address">Address of its HTTP API.</param>
/// <param name="grpcAddress">Address of its gRPC API.</param>
/// <param name="apiToken">The token that callers must send: <c>DAPR_API_TOKEN</c>. Null for none.</param>
/// <param name="stop">Stops it gracefully.</param>
/// <param name="end">Ends it, gracefully or not. Also called after <paramref name="stop"/>.</param>
public sealed class RunningDapr(Uri address, Uri grpcAddress, string? apiToken, Func<CancellationToken, Task> stop, Func<ValueTask> end) : IAsyncDisposable
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);

    /// <summary>A client of its HTTP API.</summary>
    public HttpClient Http { get; } = new() { BaseAddress = address, Timeout = MaxWait };

    /// <summary>Address of its gRPC API.</summary>
    public Uri GrpcAddress => grpcAddress;

    /// <summary>Waits until the runtime reports that it is healthy.</summary>
    public async Task<RunningDapr> ReadyAsync()
    {
        await Poll.UntilAsync(IsHealthyAsync, isHealthy => isHealthy, TestContext.Current.CancellationToken, deadline: MaxWait);
        return this;
    }

    /// <summary>Stops the runtime gracefully, as for an upgrade.</summary>
    public Task StopAsync() => stop(TestContext.Current.CancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await end();
    }

    private async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1.0/healthz", UriKind.Relative));
        request.Headers.Add("dapr-api-token", apiToken ?? "none");
        try
        {
            using var answer = await Http.SendAsync(request, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // The runtime does not listen yet.
            return false;
        }
    }
}
