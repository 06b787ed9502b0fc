using System.Text;
using System.Text.Json.Nodes;

namespace MLEvents.Containers.Running;

/// <summary>The simulator, from outside.</summary>
internal sealed class Azure(int port) : IDisposable
{
    private const string Subscription =
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/workspaces/ml-local/providers/Microsoft.EventGrid/eventSubscriptions/test?api-version=2022-06-15";

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);
    private readonly HttpClient _http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), DefaultRequestHeaders = { { "authorization", "Bearer local" } } };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Subscribes the ingress as docker-compose.yml does.</summary>
    public async Task SubscribeAsync(int ingress)
    {
        var json = (await File.ReadAllTextAsync(Repository.PathOf("deploy/event-grid/simulator-subscription.json"), Token)).Replace(":5100/", $":{ingress}/", StringComparison.Ordinal);
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        await UntilAsync("subscribed", async () => (await _http.PutAsync(new Uri(Subscription, UriKind.Relative), body, Token)).IsSuccessStatusCode);
        await UntilAsync("handshake", async () => (string?)(await GetAsync(Subscription))["properties"]?["provisioningState"] == "Succeeded");
    }

    public async Task DriftAsync()
    {
        using var body = new StringContent("""{"monitor":"churn-drift","coefficient":0.74}""", Encoding.UTF8, "application/json");
        (await _http.PostAsync(new Uri("/simulate/drift", UriKind.Relative), body, Token)).EnsureSuccessStatusCode();
    }

    /// <summary>The subjects of the timeline's entries of a kind.</summary>
    public async Task<IReadOnlyList<string>> SubjectsAsync(string kind) =>
        [.. (await GetAsync("/timeline"))["happenings"]?.AsArray().Where(entry => (string?)entry?["kind"] == kind).Select(entry => (string?)entry?["subject"] ?? "") ?? []];

    /// <summary>Waits until something is so.</summary>
    public static async Task UntilAsync(string what, Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(Longest, TimeProvider.System);
        while (!await IsSoAsync(isSo))
        {
            Assert.False(limit.IsCancellationRequested, $"not within {Longest.TotalSeconds:F0} s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Token);
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<bool> IsSoAsync(Func<Task<bool>> isSo)
    {
        try
        {
            return await isSo();
        }
        catch (HttpRequestException)
        {
            // Not listening yet; asked again.
            return false;
        }
    }

    private async Task<JsonNode> GetAsync(string path) =>
        JsonNode.Parse(await _http.GetStringAsync(new Uri(path, UriKind.Relative), Token)) ?? throw new InvalidOperationException($"{path} answers nothing.");
}
