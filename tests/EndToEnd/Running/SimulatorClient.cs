using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace MLEvents.EndToEnd.Running;

/// <summary>An entry of the simulator's timeline.</summary>
internal sealed record TimelineEntry(long Number, string Kind, string Subject, string? Correlation, string? Detail);

/// <summary>A mail in the simulator's inbox.</summary>
internal sealed record Mail(string From, IReadOnlyList<string> To, string? Subject, IReadOnlyDictionary<string, string> Headers, string? Text, string? Html)
{
    /// <summary>The chain that it tells about.</summary>
    public string? Correlation => Headers.GetValueOrDefault("X-MLEvents-Correlation");
}

/// <summary>A webhook call in the simulator's inbox.</summary>
internal sealed record WebhookCall(string Name, string Body);

/// <summary>What can be seen at the simulator, and what can be made to happen there.</summary>
internal sealed class SimulatorClient(int port) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly HttpClient _http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>The workspace's ARM id.</summary>
    public static string Workspace => "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/workspaces/ml-local";

    /// <summary>One of the lists of <c>GET /state</c>, such as <c>jobs</c>.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string name, CancellationToken cancellationToken) =>
        [.. (await GetAsync<JsonObject>("/state", cancellationToken))[name] is JsonArray list ? list.OfType<JsonObject>() : []];

    /// <summary>The mails of a chain; all mails when it is null.</summary>
    public async Task<IReadOnlyList<Mail>> MailsAsync(string? correlation, CancellationToken cancellationToken) =>
        [.. (await GetAsync<Inbox>("/inbox?kind=mail", cancellationToken)).Mails.Where(mail => correlation is null || mail.Correlation == correlation)];

    /// <summary>The webhook calls whose body holds a text.</summary>
    public async Task<IReadOnlyList<WebhookCall>> HooksAsync(string contains, CancellationToken cancellationToken) =>
        (await GetAsync<Inbox>($"/inbox?kind=hook&contains={Uri.EscapeDataString(contains)}", cancellationToken)).Hooks;

    /// <summary>The calls of an operation so far.</summary>
    public async Task<IReadOnlyList<JsonObject>> CallsAsync(string operation, CancellationToken cancellationToken) =>
        [.. (await GetAsync<JsonObject>("/calls", cancellationToken))["recent"] is JsonArray calls
            ? calls.OfType<JsonObject>().Where(call => (string?)call["operation"] == operation) : []];

    /// <summary>The timeline so far.</summary>
    public async Task<IReadOnlyList<TimelineEntry>> TimelineAsync(CancellationToken cancellationToken) =>
        (await GetAsync<TimelinePage>("/timeline", cancellationToken)).Happenings;

    /// <summary>Makes something happen: a path below <c>/simulate</c>.</summary>
    /// <returns>The simulator's answer.</returns>
    public async Task<JsonObject> SimulateAsync(string what, object how, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsJsonAsync($"/simulate/{what}", how, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonObject>(cancellationToken) ?? [];
    }

    /// <summary>Makes something go wrong; see the simulator's <c>POST /faults</c>.</summary>
    public async Task FaultAsync(object fault, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsJsonAsync("/faults", fault, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Ends all faults.</summary>
    public async Task EndFaultsAsync(CancellationToken cancellationToken)
    {
        using var answer = await _http.DeleteAsync(new Uri("/faults", UriKind.Relative), cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Looks again whenever something happened, until what is seen fits.</summary>
    /// <exception cref="TimeoutException">It did not fit by the deadline; the message says what was seen last.</exception>
    public async Task<T> UntilAsync<T>(Func<CancellationToken, Task<T>> look, Func<T, bool> fits, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        for (var last = 0L; ;)
        {
            var seen = await look(cancellationToken);
            if (fits(seen))
            {
                return seen;
            }

            if (TimeProvider.System.GetElapsedTime(began) > Deadline)
            {
                throw new TimeoutException($"Not within {Deadline.TotalSeconds} s; seen last: {System.Text.Json.JsonSerializer.Serialize(seen)}");
            }

            // Not everything that can be looked at has an entry in the timeline, so the wait is short.
            last = (await GetAsync<TimelinePage>($"/timeline?after={last}&wait=250ms", cancellationToken)).Last;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) =>
        await _http.GetFromJsonAsync<T>(path, cancellationToken) ?? throw new InvalidOperationException($"{path} answered null.");

    private sealed record Inbox(IReadOnlyList<Mail> Mails, IReadOnlyList<WebhookCall> Hooks);

    private sealed record TimelinePage(long Last, IReadOnlyList<TimelineEntry> Happenings);
}
