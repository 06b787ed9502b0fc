using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace MLEvents.Local.Simulator.Client;

/// <summary>A client of the simulator: it triggers events, sets faults and reads the state. It uses only HTTP and references no service.</summary>
/// <remarks>Each call throws <see cref="HttpRequestException"/> if the simulator cannot be reached or refuses the request.</remarks>
/// <param name="address">The address of the simulator.</param>
/// <param name="handler">The handler that sends the requests; null for a default one. The client disposes it.</param>
/// <param name="timeout">The longest time for a call, including the retries of the handler; null for 30 s.</param>
public sealed class SimulatorClient(Uri address, HttpMessageHandler? handler = null, TimeSpan? timeout = null) : IDisposable
{
    /// <summary>The ARM id of the simulator's workspace.</summary>
    public const string Workspace = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/workspaces/ml-local";

    private static readonly TimeSpan HandshakeInterval = TimeSpan.FromMilliseconds(50);

    // The simulator requires a token for calls to Azure Resource Manager, and accepts any token.
    private readonly HttpClient _http = new(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        BaseAddress = address,
        Timeout = timeout ?? TimeSpan.FromSeconds(30),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", "local") },
    };

    /// <summary>Creates an event subscription of the workspace and waits for the handshake with its webhook.</summary>
    /// <param name="name">The name of the subscription.</param>
    /// <param name="subscription">The request body, in the form of Azure Resource Manager.</param>
    /// <param name="deadline">The longest wait for the handshake.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The last provisioning state: <c>Succeeded</c> if the webhook completed the handshake.</returns>
    /// <exception cref="HttpRequestException">The simulator cannot be reached or refused the subscription.</exception>
    public async Task<string> SubscribeAsync(string name, JsonNode subscription, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var path = $"{Workspace}/providers/Microsoft.EventGrid/eventSubscriptions/{name}?api-version=2022-06-15";
        using var limit = new CancellationTokenSource(deadline, TimeProvider.System);
        using var timer = new PeriodicTimer(HandshakeInterval, TimeProvider.System);
        var state = StateOf(await SendAsync(HttpMethod.Put, path, subscription, ClientJson.Default.JsonObject, cancellationToken));
        while (state is not ("Succeeded" or "Failed" or "AwaitingManualAction") && !limit.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            state = StateOf(await GetAsync(path, ClientJson.Default.JsonObject, cancellationToken));
        }

        return state;
    }

    /// <summary>Sends a command to <c>/simulate</c>.</summary>
    /// <param name="command">A path below <c>/simulate</c>, such as <c>drift</c> or <c>model</c>.</param>
    /// <param name="body">The request body.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The response. Its <c>eventId</c> is the id of the published event.</returns>
    /// <exception cref="HttpRequestException">The simulator cannot be reached or refused the request.</exception>
    public Task<JsonObject> SimulateAsync(string command, JsonNode body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, $"/simulate/{command}", body, ClientJson.Default.JsonObject, cancellationToken);

    /// <summary>Makes a dataset monitor detect drift.</summary>
    /// <param name="monitor">The name of the monitor.</param>
    /// <param name="coefficient">The drift coefficient, 0 to 1.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The id of the published event.</returns>
    /// <exception cref="HttpRequestException">The simulator cannot be reached or refused the request.</exception>
    public async Task<string> DriftAsync(string monitor, double coefficient, CancellationToken cancellationToken) =>
        (string?)(await SimulateAsync("drift", new JsonObject { ["monitor"] = monitor, ["coefficient"] = coefficient }, cancellationToken))["eventId"]
        ?? throw new InvalidOperationException("The simulator's response has no eventId.");

    /// <summary>Adds a fault; the simulator's README lists the properties of <c>POST /faults</c>.</summary>
    /// <exception cref="HttpRequestException">The simulator cannot be reached or refused the fault.</exception>
    public Task FaultAsync(JsonNode fault, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, "/faults", fault, ClientJson.Default.JsonNode, cancellationToken);

    /// <summary>Removes all faults.</summary>
    public async Task EndFaultsAsync(CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Delete, "/faults", null, cancellationToken);
    }

    /// <summary>Reads one of the lists of <c>GET /state</c>, such as <c>jobs</c>.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string name, CancellationToken cancellationToken) =>
        [.. ((await GetAsync("/state", ClientJson.Default.JsonObject, cancellationToken))[name] as JsonArray ?? []).OfType<JsonObject>()];

    /// <summary>Reads the recent calls of an operation, such as <c>Jobs_Get</c>.</summary>
    public async Task<IReadOnlyList<JsonObject>> CallsAsync(string operation, CancellationToken cancellationToken) =>
        [.. ((await GetAsync("/calls", ClientJson.Default.JsonObject, cancellationToken))["recent"] as JsonArray ?? []).OfType<JsonObject>().Where(call => (string?)call["operation"] == operation)];

    /// <summary>Counts all calls of an operation since the start.</summary>
    public async Task<int> CountCallsAsync(string operation, CancellationToken cancellationToken) =>
        (int?)(await GetAsync("/calls", ClientJson.Default.JsonObject, cancellationToken))["operations"]?[operation]?["calls"] ?? 0;

    /// <summary>Counts all calls of all operations since the start.</summary>
    public async Task<int> CountCallsAsync(CancellationToken cancellationToken) =>
        (await GetAsync("/calls", ClientJson.Default.JsonObject, cancellationToken))["operations"]?.AsObject().Sum(operation => (int?)operation.Value?["calls"] ?? 0) ?? 0;

    /// <summary>Reads <c>GET /counts</c>: the number of results of each action.</summary>
    public Task<JsonObject> CountsAsync(CancellationToken cancellationToken) => GetAsync("/counts", ClientJson.Default.JsonObject, cancellationToken);

    /// <summary>Reads the changes of the traffic and of the deployments of endpoints, oldest first.</summary>
    public Task<IReadOnlyList<EndpointChange>> EndpointChangesAsync(CancellationToken cancellationToken) =>
        GetAsync("/endpoint-changes", ClientJson.Default.IReadOnlyListEndpointChange, cancellationToken);

    /// <summary>Reads the mails in the inbox.</summary>
    /// <param name="correlation">The correlation id of the mails; null for all mails.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<IReadOnlyList<InboxMail>> MailsAsync(string? correlation, CancellationToken cancellationToken) =>
        [.. (await GetAsync("/inbox?kind=mail", ClientJson.Default.Inbox, cancellationToken)).Mails.Where(mail => correlation is null || mail.Correlation == correlation)];

    /// <summary>Reads the webhook calls whose body contains the text.</summary>
    public async Task<IReadOnlyList<WebhookCall>> HooksAsync(string contains, CancellationToken cancellationToken) =>
        (await GetAsync($"/inbox?kind=hook&contains={Uri.EscapeDataString(contains)}", ClientJson.Default.Inbox, cancellationToken)).Hooks;

    /// <summary>Reads the timeline from its beginning.</summary>
    public Task<TimelinePage> TimelineAsync(CancellationToken cancellationToken) => GetAsync("/timeline", ClientJson.Default.TimelinePage, cancellationToken);

    /// <summary>Reads the entries of the timeline after a given entry.</summary>
    /// <param name="after">The number of an entry; 0 for the beginning.</param>
    /// <param name="wait">The longest wait for the next entry if there is no such entry yet: 0 to 2 min, in whole milliseconds. The wait must be shorter than the timeout of the client.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<TimelinePage> TimelineAsync(long after, TimeSpan wait, CancellationToken cancellationToken) =>
        GetAsync(string.Create(CultureInfo.InvariantCulture, $"/timeline?after={after}&wait={wait.TotalMilliseconds:F0}ms"), ClientJson.Default.TimelinePage, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static string StateOf(JsonObject subscription) => (string?)subscription["properties"]?["provisioningState"] ?? "";

    private Task<T> GetAsync<T>(string path, JsonTypeInfo<T> contract, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, contract, cancellationToken);

    private async Task<T> SendAsync<T>(HttpMethod method, string path, JsonNode? body, JsonTypeInfo<T> contract, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, path, body, cancellationToken);
        return await response.Content.ReadFromJsonAsync(contract, cancellationToken) ?? throw new InvalidOperationException($"The simulator answered {method} {path} with null.");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : JsonContent.Create(body, ClientJson.Default.JsonNode) };
        var response = await _http.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            var reason = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new HttpRequestException($"The simulator answered {method} {path} with {(int)response.StatusCode}: {reason}", null, response.StatusCode);
        }
    }
}
