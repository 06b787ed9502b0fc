using System.Net;
using System.Net.Http.Headers;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.ServiceDefaults;

namespace MLEvents.Local.Host;

/// <summary>Reads the actions of drift events from the retrainer.</summary>
/// <param name="retrainer">The address of the retrainer's operator API.</param>
/// <param name="handler">The handler that sends the requests; null for a default one. This class disposes it.</param>
internal sealed class StormActions(Uri retrainer, HttpMessageHandler? handler = null) : IDisposable
{
    private const string Rule = "storm";

    private readonly HttpClient _http = new(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        BaseAddress = retrainer,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", OperationsOptions.LocalToken) },
    };

    /// <summary>Reads one action for each event. If the retrainer has no action for an event yet, the status is <c>missing</c>.</summary>
    /// <exception cref="HttpRequestException">The retrainer or its state store is not reachable.</exception>
    public async Task<IReadOnlyList<StormAction>> ReadAsync(IReadOnlyList<string> events, CancellationToken cancellationToken)
    {
        var actions = new List<StormAction>();
        foreach (var id in events)
        {
            actions.Add(await FindAsync(id, cancellationToken) ?? new StormAction("", id, "missing", "", null, null, []));
        }

        return actions;
    }

    public void Dispose() => _http.Dispose();

    private async Task<StormAction?> FindAsync(string eventId, CancellationToken cancellationToken)
    {
        var caused = new WorkflowEvent { Id = eventId, Source = LocalEnvironmentSettings.Workspace, Type = EventTypes.DatasetDriftDetected };
        var id = ActionRecord.IdOf("retrainer", Rule, caused);
        using var answer = await _http.GetAsync(new Uri($"/actions/{id}", UriKind.Relative), cancellationToken);
        return answer.StatusCode == HttpStatusCode.NotFound
            ? null
            : StormAction.Read(await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(HostJson.Default.JsonObject, cancellationToken) ?? [], eventId);
    }
}
