using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

using MLEvents.Local.Simulator;
using MLEvents.Local.Simulator.Client;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services.Official;

namespace MLEvents.Tests.Services;

/// <summary>
/// The simulator on a free port with short durations, for services that call Azure. <see cref="DisposeAsync"/> compares the requests of the services with
/// Azure's specification.
/// </summary>
public sealed class SimulatedAzure : IAsyncDisposable
{
    private static readonly string[] Clocks = ["NotStarted", "Starting", "Preparing", "Running", "Finalizing", "Endpoint", "Deployment", "FactoryRun", "RetryAfter"];
    private readonly RunningService _simulator;
    private readonly SimulatorClient _client;
    private readonly RequestRecorder _recorder;

    private SimulatedAzure(RunningService simulator, RequestRecorder recorder) =>
        (_simulator, _recorder, _client) = (simulator, recorder, new SimulatorClient(simulator.Client.BaseAddress ?? throw new InvalidOperationException("The simulator is not started.")));

    /// <summary>The ARM id of a second workspace of the simulator, which has no event subscriptions.</summary>
    public const string OtherWorkspace = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/workspaces/ml-production";

    /// <summary>Starts the simulator. Each simulated phase, such as the start of a job, takes 20 ms.</summary>
    public static Task<SimulatedAzure> StartAsync(CancellationToken cancellationToken) => StartAsync(isLongRunning: false, cancellationToken);

    /// <summary>Starts the simulator.</summary>
    /// <param name="isLongRunning">Whether jobs and runs last longer than a test; every other phase takes 20 ms.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static async Task<SimulatedAzure> StartAsync(bool isLongRunning, CancellationToken cancellationToken)
    {
        var settings = Clocks.Select(clock => KeyValuePair.Create<string, string?>($"Simulator:Clock:{clock}", isLongRunning && clock is ("Running" or "FactoryRun") ? "00:10:00" : "00:00:00.020"))
            .Append(new("Simulator:SmtpPort", "0"))
            .Append(new("Simulator:FurtherWorkspaces", "ml-production"));
        var recorder = new RequestRecorder();
        var simulator = await RunningService.StartAsync(
            configure => SimulatorService.Create([], builder => { builder.Services.AddSingleton<IStartupFilter>(recorder); configure(builder); }), settings, cancellationToken);
        return new SimulatedAzure(simulator, recorder);
    }

    /// <summary>The settings of a service that calls the simulator in place of Azure, with short delays. The service must run in Development.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Settings =>
    [
        new("AzureML:Endpoint", _simulator.Client.BaseAddress?.ToString()),
        new("AzureML:Credential", "Local"),
        new("AzureML:Arm:BaseDelay", "00:00:00.020"),
        new("AzureML:DataFactory:BaseDelay", "00:00:00.020"),
        new("AzureML:DataFactory:AttemptTimeout", "00:00:01"),
        new("AzureML:BatchEndpoints:BaseDelay", "00:00:00.020"),
        new("AzureML:BatchEndpoints:AttemptTimeout", "00:00:01"),
    ];

    /// <summary>Adds a fault, given as JSON; see the simulator's <c>POST /faults</c>.</summary>
    public Task FaultAsync(string fault, CancellationToken cancellationToken) => _client.FaultAsync(JsonNode.Parse(fault) ?? new JsonObject(), cancellationToken);

    /// <summary>Ends all faults.</summary>
    public Task EndFaultsAsync(CancellationToken cancellationToken) => _client.EndFaultsAsync(cancellationToken);

    /// <summary>Registers a model version.</summary>
    public Task RegisterAsync(string name, string version, CancellationToken cancellationToken) =>
        _client.SimulateAsync("model", new JsonObject { ["name"] = name, ["version"] = version }, cancellationToken);

    /// <summary>Creates a job with the given properties, as JSON.</summary>
    public Task PutJobAsync(string name, string properties, CancellationToken cancellationToken) => PutAsync($"jobs/{name}", properties, cancellationToken);

    /// <summary>Registers a model version that a job created.</summary>
    public Task RegisterAsync(string name, string version, string job, CancellationToken cancellationToken) =>
        _client.SimulateAsync("model", new JsonObject { ["name"] = name, ["version"] = version, ["jobName"] = job }, cancellationToken);

    /// <summary>Sets the tags of a registered model version, as JSON.</summary>
    public Task TagModelAsync(string name, string version, string tags, CancellationToken cancellationToken) =>
        PutAsync($"models/{name}/versions/{version}", $$"""{ "tags": {{tags}} }""", cancellationToken);

    private async Task PutAsync(string path, string properties, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{SimulatorClient.Workspace}/{path}?api-version=2024-04-01")
        {
            Content = new StringContent($$"""{ "properties": {{properties}} }""", System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new("Bearer", "local");
        using var response = await _simulator.Client.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Sends a request to a path below <c>/simulate</c>, with the body as JSON.</summary>
    public Task SimulateAsync(string what, string body, CancellationToken cancellationToken) => _client.SimulateAsync(what, JsonNode.Parse(body) ?? new JsonObject(), cancellationToken);

    /// <summary>Returns a list of <c>GET /state</c>, such as <c>jobs</c>.</summary>
    public Task<IReadOnlyList<JsonObject>> ListAsync(string name, CancellationToken cancellationToken) => _client.ListAsync(name, cancellationToken);

    /// <summary>Returns the traffic changes of all endpoints, and the creations and deletions of all deployments, in their order.</summary>
    public Task<IReadOnlyList<EndpointChange>> EndpointChangesAsync(CancellationToken cancellationToken) => _client.EndpointChangesAsync(cancellationToken);

    /// <summary>The number of calls of an operation.</summary>
    public Task<int> CallsAsync(string operation, CancellationToken cancellationToken) => _client.CountCallsAsync(operation, cancellationToken);

    /// <summary>The number of calls of all operations.</summary>
    public Task<int> CallsAsync(CancellationToken cancellationToken) => _client.CountCallsAsync(cancellationToken);

    /// <summary>The requests with a body that services have sent so far.</summary>
    public IReadOnlyList<SentRequest> Requests => _recorder.Requests;

    /// <summary>Stops the simulator.</summary>
    /// <exception cref="InvalidOperationException">A service sent a request that differs from Azure's specification.</exception>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _simulator.DisposeAsync();
        if (OfficialRequests.FindFaults(Requests) is { Count: > 0 } faults)
        {
            throw new InvalidOperationException("Requests differ from Azure's specification:\n" + string.Join('\n', faults));
        }
    }
}
