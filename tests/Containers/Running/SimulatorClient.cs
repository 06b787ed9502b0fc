using System.Text;
using System.Text.Json.Nodes;

namespace MLEvents.Containers.Running;

/// <summary>Calls the simulator.</summary>
internal sealed class SimulatorClient(int port) : IDisposable
{
    private const string Subscription =
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/workspaces/ml-local/providers/Microsoft.EventGrid/eventSubscriptions/test?api-version=2022-06-15";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);
    private readonly HttpClient _http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), DefaultRequestHeaders = { { "authorization", "Bearer local" } } };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Creates the event subscription of docker-compose.yml.</summary>
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

    /// <summary>The subjects of all timeline entries of a kind.</summary>
    public async Task<IReadOnlyList<string>> SubjectsAsync(string kind) =>
        [.. (await GetAsync("/timeline"))["happenings"]?.AsArray().Where(entry => (string?)entry?["kind"] == kind).Select(entry => (string?)entry?["subject"] ?? "") ?? []];

    /// <summary>Waits until a condition holds. A refused connection counts as a condition that does not hold.</summary>
    /// <param name="what">The expected state, for the message of a failure.</param>
    /// <param name="holds">The condition.</param>
    public static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        var (_, held) = await Poll.UntilAsync(async _ => (what, await HoldsAsync(holds)), seen => seen.Item2, Token, TimeSpan.FromMilliseconds(200), Deadline);
        Assert.True(held, what);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<bool> HoldsAsync(Func<Task<bool>> holds)
    {
        try
        {
            return await holds();
        }
        catch (HttpRequestException)
        {
            // The server does not listen yet. Poll tries again.
            return false;
        }
    }

    private async Task<JsonNode> GetAsync(string path) =>
        JsonNode.Parse(await _http.GetStringAsync(new Uri(path, UriKind.Relative), Token)) ?? throw new InvalidOperationException($"{path} returned an empty JSON document.");
}
