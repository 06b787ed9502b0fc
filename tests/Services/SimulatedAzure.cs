using System.Net.Http.Json;
using System.Text.Json.Nodes;

using MLEvents.Local.Simulator;
using MLEvents.Tests.Common;

namespace MLEvents.Tests.Services;

/// <summary>The simulator on a free port, with its clock set fast, for services that call Azure.</summary>
public sealed class SimulatedAzure : IAsyncDisposable
{
    private static readonly string[] Clocks = ["NotStarted", "Starting", "Preparing", "Running", "Finalizing", "Endpoint", "Deployment", "FactoryRun", "RetryAfter"];
    private readonly RunningService _simulator;

    private SimulatedAzure(RunningService simulator) => _simulator = simulator;

    /// <summary>Starts the simulator; everything it does takes a moment of 20 ms.</summary>
    public static async Task<SimulatedAzure> StartAsync(CancellationToken cancellationToken)
    {
        var settings = Clocks.Select(clock => KeyValuePair.Create<string, string?>($"Simulator:Clock:{clock}", "00:00:00.020"))
            .Append(new("Simulator:SmtpPort", "0"));
        return new SimulatedAzure(await RunningService.StartAsync(configure => SimulatorService.Create([], configure), settings, cancellationToken));
    }

    /// <summary>What a service needs to call the simulator instead of Azure, in a hurry; it has to run in Development.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Settings =>
    [
        new("AzureML:Endpoint", _simulator.Client.BaseAddress?.ToString()),
        new("AzureML:Credential", "Local"),
        new("AzureML:Arm:BaseDelay", "00:00:00.020"),
        new("AzureML:DataFactory:BaseDelay", "00:00:00.020"),
        new("AzureML:DataFactory:AttemptTimeout", "00:00:01"),
    ];

    /// <summary>Sets a fault; see the simulator's <c>POST /faults</c>.</summary>
    public Task FaultAsync(string fault, CancellationToken cancellationToken) => PostAsync("faults", fault, cancellationToken);

    /// <summary>Registers a model version.</summary>
    public Task RegisterAsync(string name, string version, CancellationToken cancellationToken) =>
        PostAsync("simulate/model", $$"""{ "name": "{{name}}", "version": "{{version}}" }""", cancellationToken);

    /// <summary>One of the lists of <c>GET /state</c>, such as <c>jobs</c>.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string name, CancellationToken cancellationToken)
    {
        var state = await _simulator.Client.GetFromJsonAsync<JsonObject>(new Uri("state", UriKind.Relative), cancellationToken);
        return [.. (state?[name] as JsonArray ?? []).OfType<JsonObject>()];
    }

    /// <summary>How often an operation was called.</summary>
    public async Task<int> CallsAsync(string operation, CancellationToken cancellationToken)
    {
        var calls = await _simulator.Client.GetFromJsonAsync<JsonObject>(new Uri("calls", UriKind.Relative), cancellationToken);
        return calls?["operations"]?[operation]?["calls"]?.GetValue<int>() ?? 0;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    private async Task PostAsync(string path, string json, CancellationToken cancellationToken)
    {
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var answer = await _simulator.Client.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
