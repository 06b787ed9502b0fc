using System.Text.Json.Nodes;

namespace MLEvents.Local.Verify;

/// <summary>Speaks to the simulator: sets faults, registers models, counts. Waits when it is dead for the moment.</summary>
internal sealed class SimulatorClient(Uri address, int seed) : IDisposable
{
    /// <summary>The workspace's ARM id.</summary>
    public const string Workspace = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/workspaces/ml-local";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly string[] Operations =
    [
        "Jobs_CreateOrUpdate", "Jobs_Get", "OnlineEndpoints_CreateOrUpdate", "OnlineEndpoints_Update", "OnlineEndpoints_Get", "OnlineDeployments_CreateOrUpdate",
        "OnlineDeployments_Get", "ModelVersions_Get", "Pipelines_CreateRun", "PipelineRuns_Get", "PipelineRuns_QueryByFactory",
    ];

    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromSeconds(10) };
    private readonly SemaphoreSlim _turn = new(1);
    private bool _mailDown;

    /// <summary>Sets the standing faults, and the mail server's, as they are to be now: a simulator that was killed has forgotten them.</summary>
    public async Task RestoreFaultsAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await SendAsync(HttpMethod.Delete, "/faults", null, cancellationToken);
            foreach (var fault in Faults())
            {
                await SendAsync(HttpMethod.Post, "/faults", fault, cancellationToken);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public Task SetMailDownAsync(bool down, CancellationToken cancellationToken)
    {
        _mailDown = down;
        return RestoreFaultsAsync(cancellationToken);
    }

    /// <summary>Ends all faults.</summary>
    public Task EndFaultsAsync(CancellationToken cancellationToken) => SendAsync(HttpMethod.Delete, "/faults", null, cancellationToken);

    /// <summary>Registers version 1 of a model.</summary>
    public Task RegisterAsync(string model, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "/simulate/model", new JsonObject { ["name"] = model, ["version"] = "1" }, cancellationToken);

    /// <summary>What there is, by the action that made it.</summary>
    public async Task<OutcomeCounts> CountAsync(CancellationToken cancellationToken) =>
        await SendAsync(HttpMethod.Get, "/counts", null, cancellationToken) is { } counts ? OutcomeCounts.Read(counts) : throw new InvalidOperationException("The simulator counts nothing.");

    public void Dispose()
    {
        _http.Dispose();
        _turn.Dispose();
    }

    // A share of the calls fails before its work, a share after it: with a status, with a reset, with silence.
    private IEnumerable<JsonObject> Faults()
    {
        foreach (var (operation, number) in Operations.Select((operation, number) => (operation, number)))
        {
            yield return Fault(operation, "status", "before", 0.05, number, status: 429);
            yield return Fault(operation, "status", "after", 0.05, number, status: 500);
            yield return Fault(operation, "reset", "after", 0.05, number);
            yield return Fault(operation, "timeout", "after", 0.02, number);
        }

        if (_mailDown)
        {
            yield return new() { ["operation"] = "Smtp", ["kind"] = "reset" };
        }
    }

    private JsonObject Fault(string operation, string kind, string when, double share, int number, int? status = null)
    {
        var fault = new JsonObject { ["operation"] = operation, ["kind"] = kind, ["when"] = when, ["share"] = share, ["seed"] = unchecked(seed + number), ["delay"] = "1s" };
        if (status is not null)
        {
            (fault["status"], fault["retryAfterSeconds"]) = (status, 1);
        }

        return fault;
    }

    private async Task<JsonNode?> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
                using var answer = await _http.SendAsync(request, cancellationToken);

                // 409: a model that was registered before the answer got lost.
                if (answer.IsSuccessStatusCode || answer.StatusCode == System.Net.HttpStatusCode.Conflict)
                {
                    var text = await answer.Content.ReadAsStringAsync(cancellationToken);
                    return text.Length == 0 ? null : JsonNode.Parse(text);
                }

                throw new InvalidOperationException($"{method} {path} at the simulator was answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // Dead for the moment.
                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            }
        }
    }
}
