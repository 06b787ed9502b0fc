using System.Net;
using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Client;

namespace MLEvents.Local.Verify;

/// <summary>
/// Controls the simulator during a verification run: sets the faults, registers models, and reads the numbers of results. Calls wait while the simulator is down.
/// </summary>
/// <param name="address">The address of the simulator.</param>
/// <param name="seed">Determines which calls fail.</param>
internal sealed class VerificationSimulator(Uri address, int seed) : IDisposable
{
    private static readonly string[] Operations =
    [
        "Jobs_CreateOrUpdate", "Jobs_Get", "OnlineEndpoints_CreateOrUpdate", "OnlineEndpoints_Update", "OnlineEndpoints_Get", "OnlineDeployments_CreateOrUpdate",
        "OnlineDeployments_Get", "OnlineDeployments_List", "OnlineDeployments_Delete", "ModelVersions_Get", "Pipelines_CreateRun", "PipelineRuns_Get", "PipelineRuns_QueryByFactory",
    ];

    // A call waits until a killed simulator runs again. On a busy machine, the start took longer than 30 s.
    private static readonly TimeSpan MaxCallTime = TimeSpan.FromMinutes(2);

    private readonly SimulatorClient _simulator = new(address, new RetryUntilReachableHandler(), MaxCallTime);
    private readonly SemaphoreSlim _turn = new(1);
    private bool _mailDown;

    /// <summary>
    /// Sets the faults that apply for the whole run, and stops or starts the mail server. A simulator that was killed has lost these faults and the state of the mail server.
    /// </summary>
    public async Task RestoreFaultsAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await _simulator.EndFaultsAsync(cancellationToken);
            foreach (var fault in Faults())
            {
                await _simulator.FaultAsync(fault, cancellationToken);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Stops or starts the mail server.</summary>
    public Task SetMailDownAsync(bool down, CancellationToken cancellationToken)
    {
        _mailDown = down;
        return RestoreFaultsAsync(cancellationToken);
    }

    /// <summary>Removes all faults.</summary>
    public Task EndFaultsAsync(CancellationToken cancellationToken) => _simulator.EndFaultsAsync(cancellationToken);

    /// <summary>Registers a version of a model.</summary>
    public async Task RegisterAsync(string model, string version, CancellationToken cancellationToken)
    {
        try
        {
            await _simulator.SimulateAsync("model", new JsonObject { ["name"] = model, ["version"] = version }, cancellationToken);
        }
        catch (HttpRequestException exception) when (exception.StatusCode == HttpStatusCode.Conflict)
        {
            // An earlier attempt registered the model, but its answer was lost.
            return;
        }
    }

    /// <summary>Sends a <c>/simulate</c> command, for instance to set how a deployment answers, or how many requests an endpoint gets.</summary>
    public Task SimulateAsync(string what, JsonNode body, CancellationToken cancellationToken) => _simulator.SimulateAsync(what, body, cancellationToken);

    /// <summary>Reads the changes of all endpoints, oldest first.</summary>
    public Task<IReadOnlyList<EndpointChange>> EndpointChangesAsync(CancellationToken cancellationToken) => _simulator.EndpointChangesAsync(cancellationToken);

    /// <summary>Reads all jobs.</summary>
    public Task<IReadOnlyList<JsonObject>> JobsAsync(CancellationToken cancellationToken) => _simulator.ListAsync("jobs", cancellationToken);

    /// <summary>Reads the number of results of each action.</summary>
    public async Task<OutcomeCounts> CountAsync(CancellationToken cancellationToken) => OutcomeCounts.Read(await _simulator.CountsAsync(cancellationToken));

    public void Dispose()
    {
        _simulator.Dispose();
        _turn.Dispose();
    }

    // Calls fail before or after the work is done, with a status, a reset connection or no answer.
    private IEnumerable<JsonObject> Faults()
    {
        foreach (var (number, operation) in Operations.Index())
        {
            var faultSeed = unchecked(seed + number);
            yield return Fault("status", "before", 0.05, 429);
            yield return Fault("status", "after", 0.05, 500);
            yield return Fault("reset", "after", 0.05);
            yield return Fault("timeout", "after", 0.02);

            JsonObject Fault(string kind, string when, double share, int? status = null) => new()
            {
                ["operation"] = operation,
                ["kind"] = kind,
                ["when"] = when,
                ["share"] = share,
                ["seed"] = faultSeed,
                ["delay"] = "1s",
                ["status"] = status,
                ["retryAfterSeconds"] = status is null ? null : 1,
            };
        }

        if (_mailDown)
        {
            yield return new() { ["operation"] = "Smtp", ["kind"] = "reset" };
        }
    }
}
