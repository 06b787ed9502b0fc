using System.Net.Http.Json;
using Azure.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using MLEvents.Local.Simulator;
using MLEvents.Tests.Common;

namespace MLEvents.AzureML.Tests;

/// <summary>The real simulator, hurried, and a client of it.</summary>
internal sealed class SimulatedAzure : IAsyncDisposable
{
    private readonly RunningService _simulator;

    private SimulatedAzure(RunningService simulator)
    {
        _simulator = simulator;
        Client = new AzureClient(AzureClient.Settings(simulator.Client.BaseAddress ?? new Uri("http://127.0.0.1"), ("Arm:AttemptTimeout", "00:00:03"), ("DataFactory:AttemptTimeout", "00:00:03")));
    }

    public static ResourceIdentifier Workspace { get; } =
        new("/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/workspaces/ml-local");

    public static ResourceIdentifier Factory { get; } =
        new("/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-local/providers/Microsoft.DataFactory/factories/adf-local");

    public AzureClient Client { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<SimulatedAzure> StartAsync()
    {
        var settings = new Dictionary<string, string?> { ["Simulator:SmtpPort"] = "0", ["Simulator:PageSize"] = "2" };
        foreach (var phase in new[] { "NotStarted", "Starting", "Preparing", "Running", "Finalizing", "Endpoint", "Deployment", "FactoryRun", "RetryAfter" })
        {
            settings[$"Simulator:Clock:{phase}"] = "00:00:00.020";
        }

        return new SimulatedAzure(await RunningService.StartAsync(configure => SimulatorService.Create([], builder => configure(Quiet(builder))), settings, Token));
    }

    private static WebApplicationBuilder Quiet(WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        return builder;
    }

    /// <summary>Tells the simulator to do something, at <c>/faults</c> or <c>/simulate/…</c>.</summary>
    public async Task TellAsync(string path, object what)
    {
        using var answer = await _simulator.Client.PostAsJsonAsync(new Uri(path, UriKind.Relative), what, Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    /// <summary>Reads until what is read is as wished, for 10 s at most.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T?>> read, Func<T, bool> wished)
        where T : class
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(TimeSpan.FromSeconds(10));
        while (true)
        {
            if (await read() is { } found && wished(found))
            {
                return found;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, deadline.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _simulator.DisposeAsync();
    }
}
