using System.Net.Http.Headers;
using System.Text.Json.Nodes;

using MLEvents.Events;

namespace MLEvents.Local.Host;

/// <summary>Talks to the simulator: subscribes the ingress as one would in Azure, raises drift, follows what happens.</summary>
internal sealed class SimulatorClient(Uri address) : IDisposable
{
    private const string Workspace = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/workspaces/ml-local";
    private const string Subscription = Workspace + "/providers/Microsoft.EventGrid/eventSubscriptions/mlevents-local?api-version=2022-06-15";
    private static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http = new()
    {
        BaseAddress = address,
        Timeout = TimeSpan.FromSeconds(30),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", "local") },
    };

    /// <summary>Subscribes a webhook to the workspace's events and waits for the handshake.</summary>
    /// <exception cref="StartException">The handshake failed.</exception>
    public async Task SubscribeAsync(Uri webhook, CancellationToken cancellationToken)
    {
        var body = new
        {
            properties = new
            {
                destination = new { endpointType = "WebHook", properties = new { endpointUrl = webhook, maxEventsPerBatch = 10, preferredBatchSizeInKilobytes = 64 } },
                filter = new
                {
                    includedEventTypes = new[]
                    {
                        EventTypes.ModelRegistered, EventTypes.ModelDeployed, EventTypes.RunCompleted, EventTypes.RunStatusChanged, EventTypes.DatasetDriftDetected,
                    },
                },
                eventDeliverySchema = "EventGridSchema",
            },
        };
        using var response = await _http.PutAsJsonAsync(Subscription, body, cancellationToken);
        using var limit = new CancellationTokenSource(HandshakeLimit, TimeProvider.System);
        var state = await StateOfAsync(response, cancellationToken);
        while (state is not "Succeeded")
        {
            if (state is "Failed" or "AwaitingManualAction" || limit.IsCancellationRequested)
            {
                throw new StartException($"Event Grid's handshake with {webhook.GetLeftPart(UriPartial.Path)} ended with {state ?? response.StatusCode.ToString()}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
            using var again = await _http.GetAsync(new Uri(Subscription, UriKind.Relative), cancellationToken);
            state = await StateOfAsync(again, cancellationToken);
        }
    }

    /// <summary>Lets the dataset monitor of the sample rules see drift.</summary>
    /// <returns>The id of the event that is raised.</returns>
    public async Task<string> DriftAsync(CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsJsonAsync(new Uri("/simulate/drift", UriKind.Relative), new { monitor = "churn-drift", coefficient = 0.74 }, cancellationToken);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken);
        return (string?)answer?["eventId"] ?? throw new InvalidOperationException("The simulator did not say the drift event's id.");
    }

    /// <summary>What happened after an entry of the timeline; waits up to 2 s for the next.</summary>
    public async Task<IReadOnlyList<TimelineEntry>> TimelineAsync(long after, CancellationToken cancellationToken) =>
        (await _http.GetFromJsonAsync<TimelinePage>(new Uri($"/timeline?after={after}&wait=2s", UriKind.Relative), cancellationToken))?.Happenings ?? [];

    /// <summary>The number of the timeline's newest entry; 0 if there is none.</summary>
    public async Task<long> LastAsync(CancellationToken cancellationToken) =>
        (await _http.GetFromJsonAsync<TimelinePage>(new Uri("/timeline", UriKind.Relative), cancellationToken))?.Last ?? 0;

    public void Dispose() => _http.Dispose();

    private static async Task<string?> StateOfAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        response.IsSuccessStatusCode ? (string?)(await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))?["properties"]?["provisioningState"] : "Failed";
}

/// <summary>An entry of the simulator's timeline.</summary>
internal sealed record TimelineEntry(long Number, DateTimeOffset Time, string Kind, string Subject, string? Correlation, string? Detail);

internal sealed record TimelinePage(long Last, IReadOnlyList<TimelineEntry> Happenings);
