using System.Text;

namespace MLEvents.Conformance;

/// <summary>The base of all cases. Each case has its own folder, topics and app id, and starts a runtime.</summary>
/// <typeparam name="TRuntime">The runtime that the cases run against.</typeparam>
public abstract class Cases<TRuntime> : IAsyncDisposable
    where TRuntime : IRuntime, new()
{
    private readonly TempFolder _folder = new();

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A topic that no other case and no earlier run uses, because Redis still has the topics of earlier runs.</summary>
    protected string Topic { get; } = $"t-{Guid.NewGuid():N}";

    protected string DeadTopic { get; } = $"d-{Guid.NewGuid():N}";

    protected string AppId { get; } = $"app-{Guid.NewGuid():N}";

    protected string Folder => _folder.Path;

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected Setup Setup(int? appPort = null) => new(AppId, appPort, Folder);

    protected static Task<RunningDapr> StartAsync(Setup setup) => new TRuntime().StartAsync(setup);

    protected static Uri At(string path) => new(path, UriKind.Relative);

    protected static StringContent Body(string text, string type = "application/json") => new(text, Encoding.UTF8, new System.Net.Http.Headers.MediaTypeHeaderValue(type));

    protected Task<HttpResponseMessage> PublishAsync(RunningDapr dapr, string json, string type = "application/json")
    {
        ArgumentNullException.ThrowIfNull(dapr);
        return dapr.Http.PostAsync(At($"/v1.0/publish/pubsub/{Topic}"), Body(json, type), Token);
    }

    /// <summary>A Resiliency resource with the given number of retries of a delivery, 50 ms apart; -1 for no limit.</summary>
    protected static string Retries(int most) => $$"""
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: { name: resiliency }
        spec:
          policies: { retries: { soon: { policy: constant, duration: 50ms, maxRetries: {{most}} } } }
          targets: { components: { pubsub: { inbound: { retry: soon } } } }
        """;
}
