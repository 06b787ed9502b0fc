using System.Text;

using Azure.Core;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

using MLEvents.Local.Simulator;
using MLEvents.Local.Simulator.Client;
using MLEvents.Tests.Common;

namespace MLEvents.AzureML.Tests;

/// <summary>The simulator with short durations, a client of its Azure APIs, and a client of its control API.</summary>
internal sealed class SimulatorFixture : IAsyncDisposable
{
    private readonly RunningService _simulator;

    private SimulatorFixture(RunningService simulator, IEnumerable<(string Key, string Value)> more)
    {
        _simulator = simulator;
        Simulator = new SimulatorClient(simulator.Client.BaseAddress ?? throw new InvalidOperationException("The simulator is not started."));
        Client = new AzureClient(AzureClient.Settings(simulator.Client.BaseAddress ?? new Uri("http://127.0.0.1"), [("Arm:AttemptTimeout", "00:00:03"), ("DataFactory:AttemptTimeout", "00:00:03"), .. more]));
    }

    public static ResourceIdentifier Workspace { get; } =
        new("/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/workspaces/ml-local");

    public static ResourceIdentifier Factory { get; } =
        new("/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.DataFactory/factories/adf-local");

    public AzureClient Client { get; }

    public SimulatorClient Simulator { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task<SimulatorFixture> StartAsync(params (string Key, string Value)[] more) => StartAsync(TimeSpan.FromMilliseconds(20), more);

    /// <summary>Starts a simulator.</summary>
    /// <param name="duration">How long each phase of a job, a run or an operation takes.</param>
    /// <param name="more">Settings of the client.</param>
    public static async Task<SimulatorFixture> StartAsync(TimeSpan duration, params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string?> { ["Simulator:SmtpPort"] = "0", ["Simulator:PageSize"] = "2" };
        foreach (var phase in new[] { "NotStarted", "Starting", "Preparing", "Running", "Finalizing", "Endpoint", "Deployment", "FactoryRun", "RetryAfter" })
        {
            settings[$"Simulator:Clock:{phase}"] = duration.ToString("c");
        }

        return new SimulatorFixture(await RunningService.StartAsync(configure => SimulatorService.Create([], builder => configure(Quiet(builder))), settings, Token), more);
    }

    /// <summary>Regenerates the primary key of an endpoint.</summary>
    public async Task RegenerateKeyAsync(string endpoint)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Workspace}/onlineEndpoints/{endpoint}/regenerateKeys?api-version=2024-04-01")
        {
            Content = new StringContent("""{ "keyType": "Primary" }""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new("Bearer", "local");
        using var response = await _simulator.Client.SendAsync(request, Token);
        response.EnsureSuccessStatusCode();
    }

    private static WebApplicationBuilder Quiet(WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        return builder;
    }

    /// <summary>Reads until the result is as expected, for 10 s at most.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T?>> read, Func<T, bool> expected)
        where T : class =>
        await Poll.UntilAsync(_ => read(), found => found is not null && expected(found), Token, deadline: TimeSpan.FromSeconds(10)) ?? throw new InvalidOperationException();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Simulator.Dispose();
        await _simulator.DisposeAsync();
    }
}
