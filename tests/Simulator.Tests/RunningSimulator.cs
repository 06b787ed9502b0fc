using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

using MLEvents.Tests.Common;

namespace MLEvents.Local.Simulator.Tests;

/// <summary>A simulator with short durations and an authenticated client.</summary>
internal sealed class RunningSimulator(HttpClient client, IAsyncDisposable service) : IAsyncDisposable
{
    public const string Group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local";
    public const string Workspace = Group + "/providers/Microsoft.MachineLearningServices/workspaces/ml-local";
    public const string Factory = Group + "/providers/Microsoft.DataFactory/factories/adf-local";
    private const string Instant = "00:00:00.010";

    public HttpClient Client => client;

    public static async Task<RunningSimulator> StartAsync(params (string Key, string Value)[] settings)
    {
        string[] phases = ["NotStarted", "Starting", "Preparing", "Running", "Finalizing", "Endpoint", "Deployment", "FactoryRun"];
        var all = phases.ToDictionary(phase => "Simulator:Clock:" + phase, string? (_) => Instant);
        all["Simulator:Clock:RetryAfter"] = "00:00:00";
        all["Simulator:SmtpPort"] = "0";
        all["Logging:LogLevel:Microsoft"] = "Warning";
        all["Simulator:RetryTimeScale"] = "0.001";
        foreach (var (key, value) in settings)
        {
            all["Simulator:" + key] = value;
        }

        var service = await RunningService.StartAsync(configure => SimulatorService.Create([], configure), all, TestContext.Current.CancellationToken);
        return new(Authenticated(service.Client), service);
    }

    public static HttpClient Authenticated(HttpClient client)
    {
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "local");
        return client;
    }

    /// <summary>Sends a request. If the path begins with <c>/subscriptions/</c> and has no api-version, the api-version of its provider is added.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null)
    {
        var request = new HttpRequestMessage(method, WithVersion(path));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        return Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<HttpResponseMessage> PutAsync(string path, string body) => SendAsync(HttpMethod.Put, path, body);

    public Task<HttpResponseMessage> PostAsync(string path, string? body = null) => SendAsync(HttpMethod.Post, path, body);

    public Task<HttpResponseMessage> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    /// <summary>Reads a resource that must exist.</summary>
    public async Task<JsonNode> ReadAsync(string path)
    {
        using var response = await GetAsync(path);
        response.EnsureSuccessStatusCode();
        return await response.JsonAsync();
    }

    /// <summary>Reads a resource until it meets a condition. It reads after each new timeline entry, and at least every 50 ms. Fails after 200 reads.</summary>
    public async Task<JsonNode> UntilAsync(string path, Func<JsonNode, bool> wanted)
    {
        var last = 0L;
        for (var tries = 0; tries < 200; tries++)
        {
            using var page = await GetAsync($"/timeline?after={last}&wait=50ms");
            last = (long?)(await page.JsonAsync())["last"] ?? 0;
            using var response = await GetAsync(path);
            if (response.IsSuccessStatusCode && await response.JsonAsync() is var found && wanted(found))
            {
                return found;
            }
        }

        throw new TimeoutException($"{path} did not reach the expected state: {await ReadAsync(path)}");
    }

    public ValueTask DisposeAsync() => service.DisposeAsync();

    private static string WithVersion(string path)
    {
        if (!path.StartsWith("/subscriptions/", StringComparison.Ordinal) || path.Contains("api-version", StringComparison.Ordinal))
        {
            return path;
        }

        var version = path.Contains("Microsoft.EventGrid", StringComparison.Ordinal) ? "2022-06-15"
            : path.Contains("Microsoft.DataFactory", StringComparison.Ordinal) ? "2018-06-01" : "2024-04-01";
        return $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}api-version={version}";
    }
}

internal static class Responses
{
    public static async Task<JsonNode> JsonAsync(this HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)) ?? throw new InvalidOperationException("The answer is null.");
}
